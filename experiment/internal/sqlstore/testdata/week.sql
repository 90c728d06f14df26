WITH grouped AS MATERIALIZED (
	SELECT e.unit AS unit_id, min((e.first_us - ?7) * ?8 + (CASE WHEN e.placement < ?1 THEN CASE WHEN e.placement < ?2 THEN ?3 ELSE ?4 END ELSE CASE WHEN e.placement < ?5 THEN ?6 ELSE NULL END END)) AS first_key, min(CASE WHEN e.placement < ?1 THEN CASE WHEN e.placement < ?2 THEN ?3 ELSE ?4 END ELSE CASE WHEN e.placement < ?5 THEN ?6 ELSE NULL END END) AS lowest, max(CASE WHEN e.placement < ?1 THEN CASE WHEN e.placement < ?2 THEN ?3 ELSE ?4 END ELSE CASE WHEN e.placement < ?5 THEN ?6 ELSE NULL END END) AS highest
	FROM exposures e
	WHERE e.run = ?8 AND e.first_us < ?9 AND (CASE WHEN e.placement < ?5 THEN ?6 ELSE NULL END) IS NOT NULL
	GROUP BY e.unit),
met AS (
	SELECT g.unit_id, g.first_key, (e.first_us - ?7) * ?8 + (CASE WHEN e.placement < ?1 THEN CASE WHEN e.placement < ?2 THEN ?3 ELSE ?4 END ELSE CASE WHEN e.placement < ?5 THEN ?6 ELSE NULL END END) AS met_key, CASE WHEN e.placement < ?1 THEN CASE WHEN e.placement < ?2 THEN ?3 ELSE ?4 END ELSE CASE WHEN e.placement < ?5 THEN ?6 ELSE NULL END END AS met_group, CASE WHEN e.placement < ?5 THEN ?4 ELSE NULL END AS met_phase
	FROM grouped g JOIN exposures e ON e.unit = g.unit_id
	WHERE g.lowest < g.highest AND e.run = ?8 AND e.first_us < ?9 AND (CASE WHEN e.placement < ?5 THEN ?6 ELSE NULL END) IS NOT NULL),
compared AS (
	SELECT unit_id, first_key, met_key, met_group,
		first_value(met_group) OVER (PARTITION BY unit_id, met_phase ORDER BY met_key) AS phase_group,
		first_value(met_group) OVER (PARTITION BY unit_id ORDER BY met_key) AS unit_group
	FROM met),
turned AS (
	SELECT unit_id, first_key, met_key, CASE WHEN phase_group <> unit_group THEN phase_group ELSE met_group END AS other_group,
		min(CASE WHEN met_group <> phase_group THEN met_key END) OVER (PARTITION BY unit_id) AS bad_key,
		min(CASE WHEN met_group <> unit_group THEN met_key END) OVER (PARTITION BY unit_id) AS moved_key
	FROM compared),
mixed AS MATERIALIZED (
	SELECT unit_id, min(first_key) AS start_key, min(bad_key) AS fault_key, min(moved_key) AS move_key,
		min(CASE WHEN met_key = bad_key THEN other_group END) AS fault_group
	FROM turned
	GROUP BY unit_id),
whole AS (
	SELECT unit_id, first_key AS start_key, NULL AS fault_key FROM grouped WHERE lowest = highest
	UNION ALL
	SELECT unit_id, start_key, fault_key FROM mixed),
keyed AS (
	SELECT unit_id, (quotient(start_key, ?8) + ?7) AS start_us, (start_key % ?8) AS start_rank, CASE WHEN fault_key IS NULL THEN ?6 ELSE CASE WHEN (quotient(fault_key, ?8) + ?7) < ?9 THEN ?4 ELSE ?6 END END AS leave_no FROM whole),
unit AS (
	SELECT k.unit_id,
		k.start_us,
		k.leave_no,
		CASE WHEN k.start_rank < ?6 THEN ?4 ELSE CASE WHEN k.start_rank < ?3 THEN ?6 ELSE ?3 END END AS cell_no,
		CASE WHEN k.start_us < ?9 THEN ?4 ELSE ?6 END AS entry_no
	FROM keyed k),
stepped AS (
	SELECT u.unit_id,
		CASE WHEN c.time_us < ?9 THEN ?4 ELSE ?6 END AS moment_no,
		min(u.cell_no) AS cell_no,
		min(u.entry_no) AS entry_no,
		min(u.leave_no) AS leave_no,
		min(u.start_us) AS start_us,
		sum(CASE WHEN c.event = ?3 AND c.time_us >= u.start_us + ?4 AND c.time_us < u.start_us + ?10 THEN 1 END) AS part_0,
		sum(CASE WHEN c.event = ?3 AND c.time_us >= u.start_us + ?4 AND c.time_us < u.start_us + ?10 THEN c.value END) AS part_1
	FROM unit u
	JOIN conversion_ids c ON c.kind = ?6 AND c.id = u.unit_id
	WHERE u.entry_no < u.leave_no AND c.event IN (?3) AND c.time_us < ?9 AND c.time_us >= u.start_us + ?4 AND c.time_us < u.start_us + ?10
	GROUP BY u.unit_id, moment_no),
running AS (
	SELECT unit_id,
		cell_no,
		entry_no,
		leave_no,
		start_us,
		moment_no,
		?6 AS next_no,
		part_0 AS sum_0,
		part_1 AS sum_1
	FROM stepped),
total AS (
	SELECT cell_no,
		CASE WHEN moment_no > entry_no THEN moment_no ELSE entry_no END AS from_no,
		CASE WHEN next_no < leave_no THEN next_no ELSE leave_no END AS until_no,
		CASE WHEN (start_us + ?10) < ?11 THEN ?4 ELSE ?6 END AS due_0,
		CASE WHEN sum_0 > 0 THEN 1.0 ELSE 0.0 END AS y_0,
		CASE WHEN coalesce(sum_1, 0.0) > ?12 THEN ?12 ELSE coalesce(sum_1, 0.0) END AS y_1
	FROM running)
SELECT 0 AS part, cell_no, entry_no, leave_no, due_0, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM (SELECT cell_no, entry_no, leave_no, CASE WHEN (start_us + ?10) < ?11 THEN ?4 ELSE ?6 END AS due_0 FROM unit WHERE entry_no < leave_no) entered
GROUP BY cell_no, entry_no, leave_no, due_0
UNION ALL
SELECT 1, cell_no, from_no, until_no, due_0, 0, 0, 0, count(y_0), sum((y_0 - ?13)), sum((y_0 - ?13) * (y_0 - ?13)), count(y_1), sum((y_1 - ?14)), sum((y_1 - ?14) * (y_1 - ?14)), count(CASE WHEN y_0 IS NOT NULL AND y_1 IS NOT NULL THEN 1 END), sum(CASE WHEN y_0 IS NOT NULL AND y_1 IS NOT NULL THEN (y_0 - ?13) END), sum(CASE WHEN y_0 IS NOT NULL AND y_1 IS NOT NULL THEN (y_1 - ?14) END), sum(CASE WHEN y_0 IS NOT NULL AND y_1 IS NOT NULL THEN (y_0 - ?13) * (y_0 - ?13) END), sum(CASE WHEN y_0 IS NOT NULL AND y_1 IS NOT NULL THEN (y_1 - ?14) * (y_1 - ?14) END), sum(CASE WHEN y_0 IS NOT NULL AND y_1 IS NOT NULL THEN (y_0 - ?13) * (y_1 - ?14) END)
FROM total
WHERE from_no < until_no
GROUP BY cell_no, from_no, until_no, due_0
UNION ALL
SELECT 3, cell_no, from_no, until_no, 0, count(*), to_no, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM (SELECT CASE WHEN (start_key % ?8) < ?6 THEN ?4 ELSE CASE WHEN (start_key % ?8) < ?3 THEN ?6 ELSE ?3 END END AS cell_no, CASE WHEN (quotient(fault_key, ?8) + ?7) < ?9 THEN ?4 ELSE ?6 END AS from_no, ?6 AS until_no, fault_group AS to_no FROM mixed WHERE fault_key IS NOT NULL) changed
WHERE from_no < until_no
GROUP BY cell_no, from_no, until_no, to_no
UNION ALL
SELECT 4, cell_no, from_no, until_no, 0, count(*), to_no, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM (SELECT CASE WHEN (start_key % ?8) < ?6 THEN ?4 ELSE CASE WHEN (start_key % ?8) < ?3 THEN ?6 ELSE ?3 END END AS cell_no, CASE WHEN (quotient(move_key, ?8) + ?7) < ?9 THEN ?4 ELSE ?6 END AS from_no, CASE WHEN fault_key IS NULL THEN ?6 ELSE CASE WHEN (quotient(fault_key, ?8) + ?7) < ?9 THEN ?4 ELSE ?6 END END AS until_no, CASE WHEN (move_key % ?8) < ?6 THEN ?4 ELSE CASE WHEN (move_key % ?8) < ?3 THEN ?6 ELSE ?3 END END AS to_no FROM mixed WHERE move_key IS NOT NULL) changed
WHERE from_no < until_no
GROUP BY cell_no, from_no, until_no, to_no
-- ?1 = 8 (int64)
-- ?2 = 5 (int64)
-- ?3 = 2 (int64)
-- ?4 = 0 (int64)
-- ?5 = 9 (int64)
-- ?6 = 1 (int64)
-- ?7 = 1774699200000000 (int64)
-- ?8 = 3 (int64)
-- ?9 = 1775908800000000 (int64)
-- ?10 = 604800000000 (int64)
-- ?11 = 1775908800000001 (int64)
-- ?12 = 500 (float64)
-- ?13 = 0 (float64)
-- ?14 = 42 (float64)

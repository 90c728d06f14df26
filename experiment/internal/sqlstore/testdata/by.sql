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
unit AS MATERIALIZED (
	SELECT k.unit_id,
		k.start_us,
		k.leave_no,
		CASE WHEN k.start_rank < ?6 THEN ?4 ELSE CASE WHEN k.start_rank < ?3 THEN ?6 ELSE ?3 END END AS cell_no,
		CASE WHEN k.start_us < ?9 THEN ?4 ELSE ?6 END AS entry_no,
		member(d.attributes, ?10) AS level_0,
		?4 AS level_1,
		quotient((k.start_us + (CASE WHEN k.start_us < ?11 THEN ?12 ELSE ?13 END)), ?14) AS level_2
	FROM keyed k
	JOIN exposures f ON f.run = ?8 AND f.unit = k.unit_id AND f.placement = CASE WHEN k.start_rank < ?6 THEN ?2 ELSE CASE WHEN k.start_rank < ?3 THEN ?1 ELSE ?15 END END
	JOIN exposure_details d ON d.seq = f.seq)
SELECT 0 AS part, cell_no, level_0, level_1, level_2, entry_no, leave_no, count(*), 0, 0
FROM (SELECT cell_no, level_0, level_1, level_2, entry_no, leave_no FROM unit WHERE entry_no < leave_no) entered
GROUP BY cell_no, level_0, level_1, level_2, entry_no, leave_no
UNION ALL
SELECT 3, cell_no, NULL, NULL, NULL, from_no, until_no, count(*), to_no, 0
FROM (SELECT CASE WHEN (start_key % ?8) < ?6 THEN ?4 ELSE CASE WHEN (start_key % ?8) < ?3 THEN ?6 ELSE ?3 END END AS cell_no, CASE WHEN (quotient(fault_key, ?8) + ?7) < ?9 THEN ?4 ELSE ?6 END AS from_no, ?6 AS until_no, fault_group AS to_no FROM mixed WHERE fault_key IS NOT NULL) changed
WHERE from_no < until_no
GROUP BY cell_no, from_no, until_no, to_no
UNION ALL
SELECT 4, cell_no, NULL, NULL, NULL, from_no, until_no, count(*), to_no, 0
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
-- ?10 = /country (string)
-- ?11 = 1774746000000000 (int64)
-- ?12 = 62135773200000000 (int64)
-- ?13 = 62135776800000000 (int64)
-- ?14 = 86400000000 (int64)
-- ?15 = 4 (int64)

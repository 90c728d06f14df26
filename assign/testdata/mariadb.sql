-- touchlift/1 as functions of MariaDB and MySQL. Numbers of 64 bits are BIGINT UNSIGNED,
-- whose bit operators wrap and whose arithmetic does not; positions and ends are DECIMAL,
-- which holds 2^64 as well.
--
--     SELECT touchlift_arm(touchlift_position(touchlift_xxh64(id), touchlift_seed('checkout-2026-11', 'arm')), '1,1')
--       FROM customers;
--
-- Ids and salts are bytes: store ids as utf8mb4 or binary, or CONVERT them to utf8mb4.

-- The low 64 bits of a product and of a sum.
CREATE FUNCTION touchlift_mul(a BIGINT UNSIGNED, b BIGINT UNSIGNED) RETURNS BIGINT UNSIGNED DETERMINISTIC NO SQL
RETURN CAST(MOD(CAST(a AS DECIMAL(65, 0)) * CAST(b AS DECIMAL(65, 0)), 18446744073709551616) AS UNSIGNED);

CREATE FUNCTION touchlift_add(a BIGINT UNSIGNED, b BIGINT UNSIGNED) RETURNS BIGINT UNSIGNED DETERMINISTIC NO SQL
RETURN CAST(MOD(CAST(a AS DECIMAL(65, 0)) + b, 18446744073709551616) AS UNSIGNED);

CREATE FUNCTION touchlift_rotl(x BIGINT UNSIGNED, n INT) RETURNS BIGINT UNSIGNED DETERMINISTIC NO SQL
RETURN (x << n) | (x >> (64 - n));

-- n bytes of data, the lowest first; at counts from 0.
CREATE FUNCTION touchlift_word(data LONGBLOB, at INT, n INT) RETURNS BIGINT UNSIGNED DETERMINISTIC NO SQL
RETURN CAST(CONV(HEX(REVERSE(SUBSTRING(data, at + 1, n))), 16, 10) AS UNSIGNED);

DELIMITER //

-- XXH64 with seed 0.
CREATE FUNCTION touchlift_xxh64(data LONGBLOB) RETURNS BIGINT UNSIGNED DETERMINISTIC NO SQL
BEGIN
  DECLARE p1 BIGINT UNSIGNED DEFAULT 11400714785074694791;
  DECLARE p2 BIGINT UNSIGNED DEFAULT 14029467366897019727;
  DECLARE p3 BIGINT UNSIGNED DEFAULT 1609587929392839161;
  DECLARE p4 BIGINT UNSIGNED DEFAULT 9650029242287828579;
  DECLARE p5 BIGINT UNSIGNED DEFAULT 2870177450012600261;
  DECLARE l1 BIGINT UNSIGNED DEFAULT 6983438078262162902; -- p1 + p2
  DECLARE l2 BIGINT UNSIGNED DEFAULT 14029467366897019727;
  DECLARE l3 BIGINT UNSIGNED DEFAULT 0;
  DECLARE l4 BIGINT UNSIGNED DEFAULT 7046029288634856825; -- -p1
  DECLARE size INT DEFAULT LENGTH(data);
  DECLARE at INT DEFAULT 0;
  DECLARE h BIGINT UNSIGNED DEFAULT p5;
  IF size >= 32 THEN
    WHILE at + 32 <= size DO
      SET l1 = touchlift_mul(touchlift_rotl(touchlift_add(l1, touchlift_mul(touchlift_word(data, at, 8), p2)), 31), p1);
      SET l2 = touchlift_mul(touchlift_rotl(touchlift_add(l2, touchlift_mul(touchlift_word(data, at + 8, 8), p2)), 31), p1);
      SET l3 = touchlift_mul(touchlift_rotl(touchlift_add(l3, touchlift_mul(touchlift_word(data, at + 16, 8), p2)), 31), p1);
      SET l4 = touchlift_mul(touchlift_rotl(touchlift_add(l4, touchlift_mul(touchlift_word(data, at + 24, 8), p2)), 31), p1);
      SET at = at + 32;
    END WHILE;
    SET h = touchlift_add(touchlift_add(touchlift_rotl(l1, 1), touchlift_rotl(l2, 7)),
                          touchlift_add(touchlift_rotl(l3, 12), touchlift_rotl(l4, 18)));
    SET h = touchlift_add(touchlift_mul(h ^ touchlift_mul(touchlift_rotl(touchlift_mul(l1, p2), 31), p1), p1), p4);
    SET h = touchlift_add(touchlift_mul(h ^ touchlift_mul(touchlift_rotl(touchlift_mul(l2, p2), 31), p1), p1), p4);
    SET h = touchlift_add(touchlift_mul(h ^ touchlift_mul(touchlift_rotl(touchlift_mul(l3, p2), 31), p1), p1), p4);
    SET h = touchlift_add(touchlift_mul(h ^ touchlift_mul(touchlift_rotl(touchlift_mul(l4, p2), 31), p1), p1), p4);
  END IF;
  SET h = touchlift_add(h, size);
  WHILE at + 8 <= size DO
    SET h = h ^ touchlift_mul(touchlift_rotl(touchlift_mul(touchlift_word(data, at, 8), p2), 31), p1);
    SET h = touchlift_add(touchlift_mul(touchlift_rotl(h, 27), p1), p4);
    SET at = at + 8;
  END WHILE;
  IF at + 4 <= size THEN
    SET h = h ^ touchlift_mul(touchlift_word(data, at, 4), p1);
    SET h = touchlift_add(touchlift_mul(touchlift_rotl(h, 23), p2), p3);
    SET at = at + 4;
  END IF;
  WHILE at < size DO
    SET h = touchlift_mul(touchlift_rotl(h ^ touchlift_mul(touchlift_word(data, at, 1), p5), 11), p1);
    SET at = at + 1;
  END WHILE;
  SET h = touchlift_mul(h ^ (h >> 33), p2);
  SET h = touchlift_mul(h ^ (h >> 29), p3);
  RETURN h ^ (h >> 32);
END //

-- mix64 of u XOR seed, from 0 to 2^64-1.
CREATE FUNCTION touchlift_position(u BIGINT UNSIGNED, seed BIGINT UNSIGNED) RETURNS DECIMAL(65, 0) DETERMINISTIC NO SQL
BEGIN
  DECLARE x BIGINT UNSIGNED DEFAULT u ^ seed;
  SET x = touchlift_mul(x ^ (x >> 33), 18397679294719823053);
  SET x = touchlift_mul(x ^ (x >> 33), 14181476777654086739);
  RETURN x ^ (x >> 33);
END //

-- The arm of a position of 'arm', from 0, for the weights of the arms in their order,
-- with commas between them.
CREATE FUNCTION touchlift_arm(position DECIMAL(65, 0), weights TEXT) RETURNS INT DETERMINISTIC NO SQL
BEGIN
  DECLARE arms INT DEFAULT LENGTH(weights) - LENGTH(REPLACE(weights, ',', '')) + 1;
  DECLARE total DECIMAL(65, 0) DEFAULT 0;
  DECLARE until DECIMAL(65, 0) DEFAULT 0;
  DECLARE i INT DEFAULT 0;
  WHILE i < arms DO
    SET i = i + 1;
    SET total = total + CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(weights, ',', i), ',', -1) AS DECIMAL(65, 0));
  END WHILE;
  SET i = 0;
  WHILE i < arms DO
    SET i = i + 1;
    SET until = until + CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(weights, ',', i), ',', -1) AS DECIMAL(65, 0));
    IF position < touchlift_end(until, total) THEN
      RETURN i - 1;
    END IF;
  END WHILE;
  RETURN NULL;
END //

DELIMITER ;

-- The seed of a purpose: 'arm', 'traffic', 'layer' or 'holdout'.
CREATE FUNCTION touchlift_seed(salt LONGBLOB, purpose VARCHAR(20)) RETURNS BIGINT UNSIGNED DETERMINISTIC NO SQL
RETURN touchlift_xxh64(CONCAT(salt, x'00', CAST(purpose AS BINARY)));

-- floor(2^64 * num / den): DIV overflows at 2^64, and / rounds unless it divides evenly.
CREATE FUNCTION touchlift_end(num DECIMAL(65, 0), den DECIMAL(65, 0)) RETURNS DECIMAL(65, 0) DETERMINISTIC NO SQL
RETURN (18446744073709551616 * num - MOD(18446744073709551616 * num, den)) / den;

-- Whether a position of 'traffic' is enrolled at a traffic of num / den.
CREATE FUNCTION touchlift_enrolled(position DECIMAL(65, 0), num DECIMAL(65, 0), den DECIMAL(65, 0)) RETURNS BOOLEAN DETERMINISTIC NO SQL
RETURN position < touchlift_end(num, den);

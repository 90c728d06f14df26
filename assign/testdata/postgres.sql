-- touchlift/1 as functions of PostgreSQL. Numbers of 64 bits are bigint, with the bits
-- of the unsigned number; positions and ends are numeric, which holds 2^64 as well.
--
--     SELECT touchlift_arm(touchlift_position(touchlift_xxh64(id), touchlift_seed('checkout-2026-11', 'arm')), '{1,1}')
--       FROM customers;
--
-- Ids and salts are bytea: convert_to(customer, 'UTF8') for a text.

-- Shift in zeros, where >> of a bigint shifts in the sign.
CREATE FUNCTION touchlift_shift(x bigint, n int) RETURNS bigint IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS
$$ SELECT (x >> n) & ((1::bigint << (64 - n)) - 1) $$;

CREATE FUNCTION touchlift_rotl(x bigint, n int) RETURNS bigint IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS
$$ SELECT (x << n) | touchlift_shift(x, 64 - n) $$;

-- The low 64 bits of a whole number: bigint has no arithmetic that wraps.
CREATE FUNCTION touchlift_wrap(x numeric) RETURNS bigint IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS
$$ SELECT (mod(mod(x, 18446744073709551616) + 27670116110564327424, 18446744073709551616) - 9223372036854775808)::bigint $$;

CREATE FUNCTION touchlift_mul(a bigint, b bigint) RETURNS bigint IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS
$$ SELECT touchlift_wrap(a::numeric * b) $$;

CREATE FUNCTION touchlift_add(a bigint, b bigint) RETURNS bigint IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS
$$ SELECT touchlift_wrap(a::numeric + b) $$;

-- The bits of a bigint as an unsigned number.
CREATE FUNCTION touchlift_unsigned(x bigint) RETURNS numeric IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS
$$ SELECT CASE WHEN x < 0 THEN x + 18446744073709551616 ELSE x::numeric END $$;

-- n bytes of data, the lowest first.
CREATE FUNCTION touchlift_word(data bytea, at int, n int) RETURNS bigint IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS
$$ SELECT bit_or(get_byte(data, at + i)::bigint << (8 * i)) FROM generate_series(0, n - 1) AS i $$;

-- XXH64 with seed 0.
CREATE FUNCTION touchlift_xxh64(data bytea) RETURNS bigint IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
  p1 CONSTANT bigint := -7046029288634856825;
  p2 CONSTANT bigint := -4417276706812531889;
  p3 CONSTANT bigint := 1609587929392839161;
  p4 CONSTANT bigint := -8796714831421723037;
  p5 CONSTANT bigint := 2870177450012600261;
  lane bigint[] := ARRAY[touchlift_add(p1, p2), p2, 0, -p1];
  turn CONSTANT int[] := ARRAY[1, 7, 12, 18];
  size CONSTANT int := length(data);
  at int := 0;
  h bigint := p5;
BEGIN
  IF size >= 32 THEN
    WHILE at + 32 <= size LOOP
      FOR i IN 1..4 LOOP
        lane[i] := touchlift_mul(touchlift_rotl(touchlift_add(lane[i],
          touchlift_mul(touchlift_word(data, at + 8 * (i - 1), 8), p2)), 31), p1);
      END LOOP;
      at := at + 32;
    END LOOP;
    h := 0;
    FOR i IN 1..4 LOOP
      h := touchlift_add(h, touchlift_rotl(lane[i], turn[i]));
    END LOOP;
    FOR i IN 1..4 LOOP
      h := touchlift_add(touchlift_mul(h # touchlift_mul(touchlift_rotl(touchlift_mul(lane[i], p2), 31), p1), p1), p4);
    END LOOP;
  END IF;
  h := touchlift_add(h, size);
  WHILE at + 8 <= size LOOP
    h := h # touchlift_mul(touchlift_rotl(touchlift_mul(touchlift_word(data, at, 8), p2), 31), p1);
    h := touchlift_add(touchlift_mul(touchlift_rotl(h, 27), p1), p4);
    at := at + 8;
  END LOOP;
  IF at + 4 <= size THEN
    h := h # touchlift_mul(touchlift_word(data, at, 4), p1);
    h := touchlift_add(touchlift_mul(touchlift_rotl(h, 23), p2), p3);
    at := at + 4;
  END IF;
  WHILE at < size LOOP
    h := touchlift_mul(touchlift_rotl(h # touchlift_mul(get_byte(data, at), p5), 11), p1);
    at := at + 1;
  END LOOP;
  h := touchlift_mul(h # touchlift_shift(h, 33), p2);
  h := touchlift_mul(h # touchlift_shift(h, 29), p3);
  RETURN h # touchlift_shift(h, 32);
END $$;

-- The seed of a purpose: 'arm', 'traffic', 'layer' or 'holdout'.
CREATE FUNCTION touchlift_seed(salt bytea, purpose text) RETURNS bigint IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS
$$ SELECT touchlift_xxh64(salt || '\x00'::bytea || convert_to(purpose, 'UTF8')) $$;

-- mix64 of u XOR seed, from 0 to 2^64-1.
CREATE FUNCTION touchlift_position(u bigint, seed bigint) RETURNS numeric IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE x bigint := u # seed;
BEGIN
  x := touchlift_mul(x # touchlift_shift(x, 33), -49064778989728563);
  x := touchlift_mul(x # touchlift_shift(x, 33), -4265267296055464877);
  RETURN touchlift_unsigned(x # touchlift_shift(x, 33));
END $$;

-- Whether a position of 'traffic' is enrolled at a traffic of num / den.
CREATE FUNCTION touchlift_enrolled("position" numeric, num numeric, den numeric) RETURNS boolean IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS
$$ SELECT $1 < div(18446744073709551616 * num, den) $$;

-- The arm of a position of 'arm', from 0, for the weights of the arms in their order.
CREATE FUNCTION touchlift_arm("position" numeric, weights numeric[]) RETURNS int IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
  SELECT min(i)::int - 1
    FROM (SELECT i, sum(w) OVER (ORDER BY i) AS until, sum(w) OVER () AS total
            FROM unnest(weights) WITH ORDINALITY AS arm(w, i)) AS arms
   WHERE $1 < div(18446744073709551616 * until, total)
$$;

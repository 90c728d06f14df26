// # In another language
//
// The sections above are enough. testdata/touchlift.mjs is a JavaScript with BigInt that
// was written from them alone, XXH64, phases and all; testdata/vectors.mjs runs it on
// every row of both files of vectors. Set TOUCHLIFT_NODE to a node to run that as a test.
// A language needs unsigned integers of 64 bits that wrap, or big ones and a mask, and
// 128 bits for the ends.
//
// # In SQL
//
// Three ways, best first:
//
//   - Do not compute the arm at all: join the recorded exposures. They say what a unit
//     was given, also where an override, a sticky assignment or a phase had its way.
//   - Load a table: [Split.List] writes one for any list of ids, a million in well under a
//     second, and a join by id then answers in every engine.
//   - Compute it in the engine, for units that nobody asked about. The seeds are constants
//     of a salt, from [Seed], and the ends are constants of the weights, so what is left
//     is XXH64 with seed 0 of each id, and mix64.
//
// An engine needs XXH64, a multiplication modulo 2^64, a shift that brings in zeros, and
// an unsigned comparison, or whole numbers above 2^64 in their place. "Run" below means
// that the functions gave all 10,887 units of testdata/vectors.jsonl as they are there;
// "read" is what the maker's documentation says, and was not run.
//
//   - PostgreSQL can, with functions: testdata/postgres.sql. It has no XXH64, bigint is
//     signed, and what overflows is an error, so the functions multiply as numeric. Run on
//     15, about 0.3 ms for an id of 36 bytes: for reports, not for requests. Its hashtext
//     functions are other hashes.
//   - MariaDB and MySQL can, with functions: testdata/mariadb.sql. Bit operators are
//     unsigned and drop what is shifted out; arithmetic that overflows is an error, so the
//     functions multiply as DECIMAL. Run on MariaDB 10.11, about 0.8 ms for such an id;
//     not run on MySQL.
//   - SQLite cannot in plain SQL at a price worth paying. It has no XXH64 and no XOR, >>
//     shifts in the sign, and an integer that overflows becomes a floating-point number
//     without an error, which is wrong and looks right (run on 3.40). Register [Hash] and
//     [Unit.Position] as functions of the connection, or join a table.
//   - ClickHouse can in plain SQL (read): xxHash64 of a string gives a UInt64, UInt64 times
//     UInt64 is a UInt64 without a check for overflow, and bitShiftRight brings in zeros.
//     See the query below.
//   - Spark and Databricks cannot with what is built in (read): their xxhash64 has the seed
//     42, which no arithmetic turns into seed 0, and returns a signed bigint. Register a
//     function of the JVM or of Python.
//   - Trino and Presto have xxhash64 of a varbinary, as a varbinary (read; the
//     documentation does not name the seed: compare XXH64("abc") first). Products overflow
//     bigint, and the 39 digits of a full product overflow decimal(38), so mix64 has to
//     multiply in halves of 32 bits.
//   - DuckDB has no XXH64 of its own; the community extension hashfuncs has xxh64 with an
//     optional seed (read). Multiply as UHUGEINT, 128 bits, and take the remainder by 2^64.
//   - BigQuery has FARM_FINGERPRINT, MD5 and SHA and no XXH64, and INT64 is signed (read).
//     A JavaScript function can do it with BigInt if it takes ids and returns the variant
//     as STRING, because INT64 is not passed to JavaScript.
//   - Snowflake has HASH, which is its own, and MD5_NUMBER_LOWER64, and no XXH64 (read).
//     NUMBER has 38 digits, one less than a full product. A function in Python or Java can
//     do it.
//
// In ClickHouse, for the salt "checkout-2026-11" and two equal arms, of which the second
// begins at 2^63 (not run here):
//
//	WITH bitXor(xxHash64(id), 0x886c66078d6b5092) AS x0,  -- the seed of "arm"
//	     bitXor(x0, bitShiftRight(x0, 33)) * 0xff51afd7ed558ccd AS x1,
//	     bitXor(x1, bitShiftRight(x1, 33)) * 0xc4ceb9fe1a85ec53 AS x2,
//	     bitXor(x2, bitShiftRight(x2, 33)) AS position
//	SELECT id, if(position < 0x8000000000000000, 'control', 'free_returns') FROM customers
//
// Whichever it is, compare with the vectors before believing it, ids that are not ASCII
// and ids of 32 bytes and more among them: the text that an engine hashes has to be the
// bytes that the service hashed.
//
// A table of [Stratify] is ROW_NUMBER() OVER (PARTITION BY stratum ORDER BY position) up
// to the counts of [Strata.Counts]; one of [Match] is no matter for SQL: load it.
package assign

// Package experimenttest holds every [experiment.Store] to its contract, ours
// and yours, and compares answers of stores in tests.
//
// A store's test calls [Run] with a function that opens an empty store:
//
//	func TestStore(t *testing.T) {
//		experimenttest.Run(t, func(t *testing.T) experiment.Store {
//			store, err := mystore.Open(filepath.Join(t.TempDir(), "events"))
//			if err != nil {
//				t.Fatal(err)
//			}
//			return store
//		})
//	}
//
// A store whose clock can be set, or whose contents outlive Close, calls
// [RunWith] instead: the moment of an erasure is then checked to the
// microsecond, and what is there when the store is opened again.
//
// Each check is a subtest. Its failure says the rule, what was wanted and what
// the store did. Random histories print their seed; the environment variable
// EXPERIMENTTEST_SEED, or [Options].Seed, runs them again.
package experimenttest

// What ThreadSanitizer calls a race and is none.

// An exception that several threads are given is freed by the last of them that lets it go, by a count that the
// standard library keeps, which is not instrumented: those who wait for one write in tests are told of its failure so.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "race:claimledger::application::test::told\n"; }

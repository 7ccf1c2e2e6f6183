// What ThreadSanitizer calls a race and is none.

// SQLite writes the index of a log, in memory that all processes share, without a lock for who reads it, and whoever
// reads it looks again whether its header has changed meanwhile: so does SQLite itself, which is not instrumented, and
// so does our look at it.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_suppressions();
// What is not known of where memory was read cannot be told from other races.
extern "C" const char* __tsan_default_options() { return "history_size=7"; }
extern "C" const char* __tsan_default_suppressions() {
  return "race:claimledger::sqlite::*IndexBlock\n"
         "race:claimledger::sqlite::LogIndex\n";
}

#include "making.hpp"

#include "appending.hpp"
#include "file_identity.hpp"
#include "reading.hpp"
#include "schema.hpp"
#include "writer_lock.hpp"

namespace claimledger::sqlite {

namespace {

constexpr std::size_t cache_kib = 1024;

// SQLite would play it into whatever has the name.
void require_no_journal(const std::string& path) {
  if (!has_name(path + "-journal")) return;
  throw StoreFailure(FailureKind::incompatible, "open",
                     path +
                         ": is missing, and beside it is a journal of the database that was here; put that back, or "
                         "take the journal away if it is not needed");
}

std::vector<Outcome> append_first(Database& database, std::span<const Commit> commits, const Call& call) {
  const CallScope scope(database, call, "append");
  Transaction transaction(database, Query::begin_write);
  appending::Known known{reading::head(database, commits.front().header.agent), {}};
  std::vector<Outcome> outcomes;
  const auto refused = commits.size() == 1 ? appending::Refused::ends_transaction : appending::Refused::undone_alone;
  for (const auto& commit : commits) outcomes.push_back(appending::append(database, commit, known, refused));
  if (appending::any_done(outcomes)) transaction.commit();
  return outcomes;
}

}  // namespace

// The turn is ours, so what is there unfinished is nobody's. The switch to a log needs a journal, which somebody who
// looks at the database just then would take for what a crash left.
bool make_database(const std::string& path, std::chrono::milliseconds busy_timeout,
                   const std::function<bool(Database&)>& write_first) {
  require_no_journal(path);
  Unfinished::remove_left(path);
  Unfinished made(path, "open", Unfinished::Owner::of_folder);
  {
    Database database(made.path(), Access::write, busy_timeout);
    database.configure(cache_kib);
    apply_migrations(database, migrations::sqlite());
    if (!write_first(database)) return false;
    database.use_write_ahead_log();  // in which nothing is written here
  }
  return made.put_in_place();
}

std::optional<std::vector<Outcome>> begin_ledger(const Options& options, std::span<const Commit> commits,
                                                 const Call& call) {
  WriterLock lock(options.path);
  const auto turn = lock.acquire(call, "append", options.busy_timeout);
  if (is_there(options.path)) return std::nullopt;
  std::vector<Outcome> outcomes;
  try {
    const bool made = make_database(options.path, options.busy_timeout, [&](Database& database) {
      outcomes = append_first(database, commits, call);
      return appending::any_done(outcomes);
    });
    if (made) return outcomes;
  } catch (const StoreFailure& failure) {
    // It is in place, and the disk did not promise that it stays there.
    if (has_name(options.path) && appending::any_done(outcomes)) {
      throw StoreFailure(FailureKind::in_doubt, "append", failure.detail() + "; append the same batch again");
    }
    throw;
  }
  if (appending::any_done(outcomes)) return std::nullopt;  // somebody put something there
  return outcomes;
}

}  // namespace claimledger::sqlite

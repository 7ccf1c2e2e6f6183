#include "ledger_directory.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "agent_files.hpp"
#include "database.hpp"
#include "reading.hpp"
#include "schema.hpp"

namespace claimledger::sqlite {

namespace fs = std::filesystem;

std::map<AgentId, std::string> LedgerDirectory::list(const Call& call) {
  std::map<AgentId, std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    const auto name = read_file_name(it->path().filename().string());
    if (!name) continue;
    const auto path = it->path().string();
    if (name->agent) {
      files.emplace(*name->agent, path);
    } else if (const auto inside = look_inside(path, call)) {
      files.emplace(inside->agent, path);
    }
  }
  if (error) throw StoreFailure(FailureKind::unreachable, "agents", path_ + ": " + error.message());
  return files;
}

std::optional<AgentHead> LedgerDirectory::look_inside(const std::string& path, const Call& call) {
  const auto stamp = stamp_of(path);
  if (stamp.sizes[0] == 0) return {};
  {
    const std::scoped_lock lock(mutex_);
    const auto last = seen_.find(path);
    if (last != seen_.end() && last->second.stamp == stamp) return last->second.head;
  }
  auto heads = read_heads(path, call);
  if (heads.empty()) return {};
  found_new_();
  const std::scoped_lock lock(mutex_);
  if (stamp.stable) seen_.insert_or_assign(path, Seen{stamp, heads.front()});
  return std::move(heads.front());
}

// Many files are asked at once: a failure says which it was.
std::vector<AgentHead> LedgerDirectory::read_heads(const std::string& path, const Call& call) const {
  read_header(path);  // a foreign database must not even be recovered
  try {
    Database database(path, Access::write, busy_timeout_);
    database.set_call(&call, "agents");
    return reading::agents(database, {}, 1);
  } catch (const StoreFailure& failure) {
    throw StoreFailure(failure.kind(), "agents", path + ": " + failure.detail());
  }
}

LedgerDirectory::Stamp LedgerDirectory::stamp_of(const std::string& path) {
  Stamp stamp;
  const auto stable_before = std::chrono::system_clock::now().time_since_epoch() - std::chrono::seconds{1};
  for (std::size_t i = 0; i < 2; ++i) {
    struct stat status {};
    if (stat((i == 0 ? path : path + "-wal").c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    stamp.sizes[i] = static_cast<std::uintmax_t>(status.st_size);
    stamp.times[i] = std::chrono::seconds{status.st_mtim.tv_sec} + std::chrono::nanoseconds{status.st_mtim.tv_nsec};
    if (stamp.times[i] > stable_before) stamp.stable = false;
  }
  return stamp;
}

}  // namespace claimledger::sqlite

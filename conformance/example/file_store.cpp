#include "file_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>

#include "claimledger/adapter/batch_codec.hpp"
#include "claimledger/adapter/indexed_store.hpp"

namespace claimledger::example {

namespace {

namespace fs = std::filesystem;

class File {
 public:
  File(fs::path path, int flags) : path_(std::move(path)), file_(::open(path_.c_str(), flags | O_CLOEXEC, 0666)) {
    expect(file_ >= 0, "open");
  }
  ~File() { ::close(file_); }
  File(File&&) = delete;

  std::size_t size() { return static_cast<std::size_t>(::lseek(file_, 0, SEEK_END)); }
  Bytes read() {
    Bytes bytes(size(), '\0');
    expect(::pread(file_, bytes.data(), bytes.size(), 0) == std::ssize(bytes), "read");
    return bytes;
  }
  void sync() { expect(::fsync(file_) == 0, "fsync"); }
  void append(std::string_view bytes) {
    errno = ENOSPC;  // if it writes less
    expect(::write(file_, bytes.data(), bytes.size()) == std::ssize(bytes) && ::fsync(file_) == 0, "append");
  }
  void cut(std::size_t size) {
    expect(::ftruncate(file_, static_cast<off_t>(size)) == 0 && ::fsync(file_) == 0, "truncate");
  }
  void take_the_place_of(const fs::path& other) { expect(::rename(path_.c_str(), other.c_str()) == 0, "rename"); }
  void lock() { expect(::flock(file_, LOCK_EX | LOCK_NB) == 0, "lock"); }

 private:
  void expect(bool success, const char* operation) const {
    if (success) return;
    auto kind = FailureKind::unreachable;
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) kind = FailureKind::exhausted;
    if (errno == EWOULDBLOCK) kind = FailureKind::busy;
    throw StoreFailure(kind, operation, path_.string() + ": " + std::strerror(errno));
  }

  fs::path path_;
  int file_;
};

class FileStore : public adapter::IndexedStore {
 public:
  explicit FileStore(const fs::path& folder) : folder_(folder), lock_(folder / "lock", O_RDWR | O_CREAT) {
    lock_.lock();
    for (const auto& file : fs::directory_iterator(folder_)) {
      if (file.path().extension() == ".new") fs::remove(file.path());
      if (file.path().extension() == ".ledger") load(file.path());
    }
  }

  std::vector<Capability> capabilities() const override {
    const std::string alone = "one handle has the folder; another is told that it is busy";
    return {{"durable", true, ""},           {"reopen", true, ""},
            {"multi_process", false, alone}, {"second_handle", false, alone},
            {"erasure", true, ""},           {"parallel_agents", false, "one commit is kept at a time"}};
  }
  std::vector<std::pair<std::string, std::string>> describe(const Call& call) const override {
    return described({{"backend", "files"}, {"path", folder_.string()}}, call);
  }

 private:
  void load(const fs::path& path) {
    File file(path, O_RDWR);
    const auto bytes = file.read();
    // Half a batch at the end: nobody was told that it had landed.
    if (const auto whole = restore(bytes, path.string()); whole < bytes.size()) file.cut(whole);
  }

  void keep(const Commit& commit) override {
    const auto path = folder_ / (sha256({commit.header.agent.value}).hex() + ".ledger");
    if (const auto doubt = doubts_.find(path); doubt != doubts_.end()) throw doubt->second;
    const auto batch = adapter::encode(commit.header, commit.entries);
    File file(path, O_RDWR | O_CREAT | O_APPEND);
    if (std::ranges::any_of(commit.entries, [](const auto& entry) { return entry.erases.has_value(); })) {
      return rewrite(path, adapter::without_content(file.read() + batch, commit.entries));
    }
    const auto end = file.size();
    try {
      file.append(batch);
      if (end == 0) File(folder_, O_RDONLY).sync();  // the file's name lasts too
    } catch (const StoreFailure&) {
      or_in_doubt(path, [&] { file.cut(end); });
      throw;
    }
  }

  // Erased content must leave the disk, so a file without it replaces the old one.
  void rewrite(const fs::path& path, const Bytes& batches) {
    File file(path.string() + ".new", O_WRONLY | O_CREAT | O_TRUNC);
    file.append(batches);
    file.take_the_place_of(path);
    or_in_doubt(path, [&] { File(folder_, O_RDONLY).sync(); });
  }

  // Where this fails nobody knows what the file holds, until it is read again.
  void or_in_doubt(const fs::path& path, const std::function<void()>& change) try {
    change();
  } catch (const StoreFailure& failure) {
    throw doubts_.emplace(path, StoreFailure(FailureKind::in_doubt, "append", failure.what())).first->second;
  }

  fs::path folder_;
  File lock_;
  std::map<fs::path, StoreFailure> doubts_;
};

}  // namespace

std::unique_ptr<Store> open_folder(const std::string& folder) try {
  if (fs::create_directory(folder)) File(fs::path(folder) / "..", O_RDONLY).sync();
  return std::make_unique<FileStore>(folder);
} catch (const fs::filesystem_error& error) {
  throw StoreFailure(FailureKind::unreachable, "open", error.what());
}

}  // namespace claimledger::example

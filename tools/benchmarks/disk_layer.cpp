#include "benchmarks/disk_layer.hpp"

#include <sqlite3.h>

#include <cstring>
#include <new>
#include <stdexcept>
#include <string_view>

namespace claimledger::benchmarks {

namespace {

DiskWatcher* watcher = nullptr;
sqlite3_vfs* real = nullptr;
sqlite3_vfs layer{};

struct File {
  sqlite3_file base;
  DiskFile what;
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File& ours(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* below(sqlite3_file* file) { return ours(file).below(); }

int close(sqlite3_file* file) {
  const int result = below(file)->pMethods->xClose(below(file));
  ours(file).what.~DiskFile();
  return result;
}
int read(sqlite3_file* file, void* data, int size, sqlite3_int64 at) {
  return below(file)->pMethods->xRead(below(file), data, size, at);
}
int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  int arriving = 0;
  const int result = watcher->write(ours(file).what, size, arriving);
  if (result == SQLITE_OK) return below(file)->pMethods->xWrite(below(file), data, size, at);
  if (arriving > 0) below(file)->pMethods->xWrite(below(file), data, arriving, at);
  return result;
}
int truncate(sqlite3_file* file, sqlite3_int64 size) { return below(file)->pMethods->xTruncate(below(file), size); }
int sync(sqlite3_file* file, int flags) {
  const int result = watcher->flush(ours(file).what);
  return result == SQLITE_OK ? below(file)->pMethods->xSync(below(file), flags) : result;
}
int size(sqlite3_file* file, sqlite3_int64* bytes) { return below(file)->pMethods->xFileSize(below(file), bytes); }
int lock(sqlite3_file* file, int level) { return below(file)->pMethods->xLock(below(file), level); }
int unlock(sqlite3_file* file, int level) { return below(file)->pMethods->xUnlock(below(file), level); }
int reserved(sqlite3_file* file, int* out) { return below(file)->pMethods->xCheckReservedLock(below(file), out); }
int control(sqlite3_file* file, int op, void* arg) { return below(file)->pMethods->xFileControl(below(file), op, arg); }
int sector(sqlite3_file* file) { return below(file)->pMethods->xSectorSize(below(file)); }
int traits(sqlite3_file* file) { return below(file)->pMethods->xDeviceCharacteristics(below(file)); }
int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** out) {
  return below(file)->pMethods->xShmMap(below(file), region, bytes, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return below(file)->pMethods->xShmLock(below(file), offset, n, flags);
}
void shm_barrier(sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); }
int shm_unmap(sqlite3_file* file, int drop) { return below(file)->pMethods->xShmUnmap(below(file), drop); }

const sqlite3_io_methods methods = {2,        close,       read,      write,   truncate, sync,   size,
                                    lock,     unlock,      reserved,  control, sector,   traits, shm_map,
                                    shm_lock, shm_barrier, shm_unmap, nullptr, nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  std::string_view database = name ? name : "";
  for (const std::string_view suffix : {"-wal", "-journal"})
    if (database.ends_with(suffix)) database.remove_suffix(suffix.size());
  auto* made = new (file) File{{}, {std::string(database), (flags & SQLITE_OPEN_WAL) != 0}};
  std::memset(made->below(), 0, static_cast<std::size_t>(real->szOsFile));
  const int result = real->xOpen(real, name, made->below(), flags, out);
  made->base.pMethods = made->below()->pMethods ? &methods : nullptr;
  if (!made->base.pMethods) made->what.~DiskFile();
  return result;
}

}  // namespace

DiskLayer::DiskLayer(DiskWatcher& of) {
  watcher = &of;
  real = sqlite3_vfs_find(nullptr);
  if (!real) throw std::runtime_error("SQLite has no file system");
  layer = *real;
  layer.pNext = nullptr;
  layer.zName = "layer";
  layer.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
  layer.xOpen = open;
  sqlite3_vfs_register(&layer, 1);
}

DiskLayer::~DiskLayer() { sqlite3_vfs_unregister(&layer); }

}  // namespace claimledger::benchmarks

#include "faulty_disk.hpp"

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <new>
#include <stdexcept>

// A layer over SQLite's own file system: every call goes through to the real file, save the ones that fail.
namespace claimledger::sqlite::test {

namespace {

sqlite3_vfs* real = nullptr;
std::atomic<DiskFault> kind = DiskFault::full;
std::atomic<int> left = 0;  // calls until one fails; 0: none will
std::atomic<bool> stays_broken = false;
std::atomic<bool> fired = false;

bool strikes(bool concerned) {
  if (!concerned) return false;
  if (fired && stays_broken) return true;
  if (left == 0 || --left > 0) return false;
  fired = true;
  return true;
}

struct File {
  sqlite3_file base;
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
sqlite3_file* below(sqlite3_file* file) { return reinterpret_cast<File*>(file)->below(); }

int close(sqlite3_file* file) { return below(file)->pMethods->xClose(below(file)); }
int read(sqlite3_file* file, void* data, int size, sqlite3_int64 at) {
  return below(file)->pMethods->xRead(below(file), data, size, at);
}
int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  if (strikes(kind != DiskFault::sync_error)) {
    if (kind == DiskFault::full) return SQLITE_FULL;
    below(file)->pMethods->xWrite(below(file), data, size / 2, at);
    return kind == DiskFault::filled_up ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }
  return below(file)->pMethods->xWrite(below(file), data, size, at);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) { return below(file)->pMethods->xTruncate(below(file), size); }
int sync(sqlite3_file* file, int flags) {
  if (strikes(kind == DiskFault::sync_error)) return SQLITE_IOERR_FSYNC;
  return below(file)->pMethods->xSync(below(file), flags);
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
  auto* ours = new (file) File{};
  std::memset(ours->below(), 0, static_cast<std::size_t>(real->szOsFile));
  const int result = real->xOpen(real, name, ours->below(), flags, out);
  ours->base.pMethods = ours->below()->pMethods ? &methods : nullptr;
  return result;
}

sqlite3_vfs layer{};

}  // namespace

FaultyDisk::FaultyDisk() {
  real = sqlite3_vfs_find(nullptr);
  if (!real) throw std::runtime_error("SQLite has no file system");
  layer = *real;
  layer.pNext = nullptr;
  layer.zName = "faulty";
  layer.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
  layer.xOpen = open;
  sqlite3_vfs_register(&layer, 1);
  mend();
}

FaultyDisk::~FaultyDisk() { sqlite3_vfs_unregister(&layer); }

void FaultyDisk::fail(DiskFault fault, int n, bool broken) {
  kind = fault;
  fired = false;
  stays_broken = broken;
  left = n;
}

void FaultyDisk::mend() {
  left = 0;
  stays_broken = false;
}

bool FaultyDisk::failed() const { return fired; }

}  // namespace claimledger::sqlite::test

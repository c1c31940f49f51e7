// Remembers what every write of a database changes until it is fsynced, so that a test can take back, after a kill, what a power cut would have lost.
// Loaded with LD_PRELOAD. Writes go through to the file at once: only the copy of what was there before is kept, in POWER_CUT_JOURNAL, one file for
// each inode. The shared-memory file of SQLite is left out: it is not needed after a crash.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// One record: this, the bytes that were there, the bytes that came.
struct record {
  uint64_t kind; // 1: written, 2: cut to a size
  uint64_t offset;
  uint64_t was_length;
  uint64_t new_length;
  uint64_t was_size;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_database(const char *path) {
  const char *name = strrchr(path, '/');
  return name != NULL && (strcmp(name, "/bongsu.db") == 0 || strcmp(name, "/bongsu.db-wal") == 0);
}

// The journal of a file, opened; -1 when the file is none of the database.
static int journal_of(int fd, struct stat *found) {
  if (syscall(SYS_fstat, fd, found) != 0 || !S_ISREG(found->st_mode)) return -1;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return -1;
  path[length] = 0;
  if (!is_database(path)) return -1;
  char file[4096];
  snprintf(file, sizeof file, "%s/%s.%lu", getenv("POWER_CUT_JOURNAL"), strrchr(path, '/') + 1, (unsigned long)found->st_ino);
  int journal = syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (journal < 0) abort();
  return journal;
}

static void note(int journal, int fd, const struct record *record, const void *came) {
  char *was = malloc(record->was_length + 1);
  if (was == NULL) abort();
  // Each file of the database is also opened for reading, so this can read.
  ssize_t read = syscall(SYS_pread64, fd, was, record->was_length, record->offset);
  if (read != (ssize_t)record->was_length) abort();
  struct iovec parts[3] = {{(void *)record, sizeof *record}, {was, record->was_length}, {(void *)came, record->new_length}};
  ssize_t whole = sizeof *record + record->was_length + record->new_length;
  if (syscall(SYS_writev, journal, parts, 3) != whole) abort();
  free(was);
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t offset, int moves) {
  struct stat found;
  pthread_mutex_lock(&lock);
  int journal = journal_of(fd, &found);
  if (journal >= 0) {
    if (moves) offset = syscall(SYS_lseek, fd, 0, SEEK_CUR);
    uint64_t size = found.st_size, start = offset;
    uint64_t was = start >= size ? 0 : (size - start < length ? size - start : length);
    struct record record = {1, start, was, length, size};
    note(journal, fd, &record, bytes);
    syscall(SYS_close, journal);
  }
  ssize_t written = moves ? syscall(SYS_write, fd, bytes, length) : syscall(SYS_pwrite64, fd, bytes, length, offset);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return write_at(fd, bytes, length, offset, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset, 0); }

ssize_t write(int fd, const void *bytes, size_t length) {
  struct stat found;
  // Pipes and sockets, which are most of what is written, need no lock.
  if (syscall(SYS_fstat, fd, &found) != 0 || !S_ISREG(found.st_mode)) return syscall(SYS_write, fd, bytes, length);
  return write_at(fd, bytes, length, 0, 1);
}

int ftruncate64(int fd, off64_t size) {
  struct stat found;
  pthread_mutex_lock(&lock);
  int journal = journal_of(fd, &found);
  if (journal >= 0) {
    uint64_t was = found.st_size > size ? found.st_size - size : 0;
    struct record record = {2, size, was, 0, found.st_size};
    note(journal, fd, &record, "");
    syscall(SYS_close, journal);
  }
  int result = syscall(SYS_ftruncate, fd, size);
  pthread_mutex_unlock(&lock);
  return result;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

// What was written before is on the disk now, and can no longer be lost.
static int sync_file(int fd, long call) {
  struct stat found;
  pthread_mutex_lock(&lock);
  int result = syscall(call, fd);
  int journal = result == 0 ? journal_of(fd, &found) : -1;
  if (journal >= 0) {
    if (syscall(SYS_ftruncate, journal, 0) != 0) abort();
    syscall(SYS_close, journal);
  }
  pthread_mutex_unlock(&lock);
  return result;
}
int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }

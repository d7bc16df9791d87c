// SPDX-License-Identifier: Apache-2.0
//
// A stand-in for the log, made with RocksDB itself.
#undef BOOST_TEST_MODULE  // main() is in the first source of each test
#include "support/log_fixture.hpp"

#include "base/bytes.hpp"

#include <rocksdb/file_system.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace carnet::test {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "FAKE";
constexpr std::size_t kHeaderBytes = 16;

class UnsyncedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;

  rocksdb::IOStatus Sync(const rocksdb::IOOptions& /*options*/, rocksdb::IODebugContext* /*debug*/) override {
    return rocksdb::IOStatus::OK();
  }

  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& /*options*/, rocksdb::IODebugContext* /*debug*/) override {
    return rocksdb::IOStatus::OK();
  }
};

class UnsyncedFiles final : public rocksdb::FileSystemWrapper {
 public:
  UnsyncedFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  [[nodiscard]] const char* Name() const override { return "carnet.unsynced"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> target;
    const rocksdb::IOStatus status = target_->NewWritableFile(path, options, &target, debug);
    if (status.ok()) {
      *file = std::make_unique<UnsyncedFile>(std::move(target));
    }
    return status;
  }
};

}  // namespace

std::string fake_frame(std::uint64_t first, std::uint32_t events, std::size_t bytes) {
  std::string frame(kMagic);
  base::append_le(frame, events);
  base::append_le(frame, first);
  std::uint64_t state = first * 0x9e3779b97f4a7c15U + events;
  while (frame.size() < std::max(bytes, kHeaderBytes)) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    frame.push_back(static_cast<char>(state));
  }
  return frame;
}

std::optional<store::PositionSpan> fake_span(std::string_view key, std::string_view value) {
  if (key.size() != sizeof(std::uint64_t) || value.size() < kHeaderBytes || !value.starts_with(kMagic)) {
    return std::nullopt;
  }
  const auto first = base::load_le<std::uint64_t>(value.data() + 8);
  const auto events = base::load_le<std::uint32_t>(value.data() + 4);
  if (base::load_be<std::uint64_t>(key.data()) != first || events == 0) {
    return std::nullopt;
  }
  return store::PositionSpan{first, first + events - 1};
}

bool is_fake_frame(std::string_view value) {
  return value.size() >= kHeaderBytes &&
         value == fake_frame(base::load_le<std::uint64_t>(value.data() + 8),
                             base::load_le<std::uint32_t>(value.data() + 4), value.size());
}

std::string position_key(std::uint64_t position) {
  std::string key;
  base::append_be(key, position);
  return key;
}

rocksdb::Status LogDb::open(const std::string& folder, const LogDbOptions& options, std::unique_ptr<LogDb>& opened) {
  rocksdb::Options db_options;
  db_options.create_if_missing = options.create;
  db_options.create_missing_column_families = options.create;
  db_options.wal_recovery_mode = options.mode;
  db_options.max_bgerror_resume_count = 0;
  db_options.write_buffer_size = options.write_buffer_bytes;
  db_options.max_write_buffer_number = 4;
  db_options.info_log_level = rocksdb::FATAL_LEVEL;
  static const std::unique_ptr<rocksdb::Env> kUnsynced = rocksdb::NewCompositeEnv(unsynced_files());
  db_options.env = options.env != nullptr ? options.env : kUnsynced.get();
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const char* const name : {"default", "tail", "sealed"}) {
    descriptors.emplace_back(name, db_options);
  }
  auto made = std::make_unique<LogDb>();
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(db_options, folder, descriptors, &made->families_, &db);
  made->db_.reset(db);
  if (status.ok()) {
    made->next_ = made->whole_head().value_or(0) + 1;
    opened = std::move(made);
  }
  return status;
}

LogDb::~LogDb() {
  for (rocksdb::ColumnFamilyHandle* const family : families_) {
    const rocksdb::Status status = db_->DestroyColumnFamilyHandle(family);
    status.PermitUncheckedError();
  }
}

rocksdb::Status LogDb::append(std::uint32_t events, std::size_t bytes, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  rocksdb::Status status = db_->Put(options, tail(), position_key(next_), fake_frame(next_, events, bytes));
  if (status.ok()) {
    next_ += events;
  }
  return status;
}

void LogDb::seal(std::uint64_t up_to, const std::string& scratch) {
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), db_->GetOptions(), sealed());
  BOOST_REQUIRE(writer.Open(scratch).ok());
  const std::unique_ptr<rocksdb::Iterator> frames(db_->NewIterator(rocksdb::ReadOptions(), tail()));
  std::uint64_t last = 0;
  for (frames->SeekToFirst(); frames->Valid(); frames->Next()) {
    const auto span = fake_span(frames->key().ToStringView(), frames->value().ToStringView());
    if (span->last > up_to) {
      break;
    }
    BOOST_REQUIRE(writer.Put(frames->key(), frames->value()).ok());
    last = span->last;
  }
  BOOST_REQUIRE(writer.Finish().ok());
  BOOST_REQUIRE(db_->IngestExternalFile(sealed(), {scratch}, rocksdb::IngestExternalFileOptions()).ok());
  BOOST_REQUIRE(db_->DeleteRange(rocksdb::WriteOptions(), tail(), position_key(0), position_key(last + 1)).ok());
}

std::optional<std::uint64_t> LogDb::whole_head() {
  std::uint64_t head = 0;
  for (rocksdb::ColumnFamilyHandle* const family : {sealed(), tail()}) {
    const std::unique_ptr<rocksdb::Iterator> frames(db_->NewIterator(rocksdb::ReadOptions(), family));
    for (frames->SeekToFirst(); frames->Valid(); frames->Next()) {
      const auto span = fake_span(frames->key().ToStringView(), frames->value().ToStringView());
      if (!span || !is_fake_frame(frames->value().ToStringView())) {
        return std::nullopt;
      }
      if (span->last <= head) {
        continue;  // Sealed already: readers ignore tail below the sealed head.
      }
      if (span->first != head + 1) {
        return std::nullopt;
      }
      head = span->last;
    }
    if (!frames->status().ok()) {
      return std::nullopt;
    }
  }
  return head;
}

const std::shared_ptr<rocksdb::FileSystem>& unsynced_files() {
  static const std::shared_ptr<rocksdb::FileSystem> kFiles = std::make_shared<UnsyncedFiles>();
  return kFiles;
}

store::LogFiles log_files(const std::string& folder, std::shared_ptr<rocksdb::FileSystem> files) {
  return {std::move(files), folder};
}

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(file.good(), path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  BOOST_REQUIRE_MESSAGE(file.good(), path);
}

void copy_folder(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  fs::copy(from, to);
}

std::vector<std::string> wal_paths(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".log") {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string manifest_path(const std::string& folder) {
  std::string name = read_bytes(folder + "/CURRENT");
  name.pop_back();
  return folder + "/" + name;
}

std::vector<PhysicalRecord> physical_records(std::string_view file) {
  std::vector<PhysicalRecord> records;
  std::size_t at = 0;
  while (at + store::kWalHeaderBytes <= file.size()) {
    const std::size_t left = store::kWalBlockBytes - at % store::kWalBlockBytes;
    if (left < store::kWalHeaderBytes) {
      at += left;
      continue;
    }
    const std::size_t end = at + store::kWalHeaderBytes + base::load_le<std::uint16_t>(file.data() + at + 4);
    records.push_back({at, base::load_le<std::uint8_t>(file.data() + at + 6), end});
    at = end;
  }
  return records;
}

}  // namespace carnet::test

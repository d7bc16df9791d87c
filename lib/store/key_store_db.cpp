// SPDX-License-Identifier: Apache-2.0
//
// Keys: 'k' ‖ key id → record; 's' ‖ u16 length ‖ subject ‖ u16 length ‖ class ‖ key id → nothing; 'm' ‖ name → value.
// One family, so that one forced compaction reaches every byte.
#include "store/key_store_db.hpp"

#include "base/check.hpp"
#include "base/files.hpp"
#include "store/status.hpp"
#include "store/store_env.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace carnet::store {

namespace {

namespace fs = std::filesystem;

std::string record_key(const seal::KeyId& id) {
  std::string key = "k";
  key.append(reinterpret_cast<const char*>(id.data()), id.size());
  return key;
}

std::string subject_prefix(std::string_view subject, std::string_view data_class) {
  std::string key = "s";
  base::append_be<std::uint16_t>(key, static_cast<std::uint16_t>(subject.size()));
  key += subject;
  base::append_be<std::uint16_t>(key, static_cast<std::uint16_t>(data_class.size()));
  key += data_class;
  return key;
}

std::string subject_key(const seal::KeyRecord& record) {
  std::string key = subject_prefix(record.subject, record.data_class);
  key.append(reinterpret_cast<const char*>(record.key_id.data()), record.key_id.size());
  return key;
}

std::string_view view(const rocksdb::Slice& text) {
  return {text.data(), text.size()};
}

class RocksKeyStore final : public seal::KeyStore {
 public:
  RocksKeyStore(fs::path folder, std::unique_ptr<rocksdb::DB> db, rocksdb::Env* env)
      : folder_(std::move(folder)), db_(std::move(db)), env_(env) {}

  Result<std::optional<seal::KeyRecord>> get(const seal::KeyId& key_id) const override {
    std::string value;
    const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), record_key(key_id), &value);
    if (status.IsNotFound()) {
      return std::optional<seal::KeyRecord>{};
    }
    CARNET_TRY_VOID(to_status(status, StoreCall::kRead, "KeyStoreDamaged"));
    CARNET_TRY(auto record, seal::decode_key_record(value));
    return std::optional(std::move(record));
  }

  Result<std::vector<seal::KeyRecord>> list(std::string_view subject, std::string_view data_class) const override {
    std::vector<seal::KeyRecord> out;
    const std::string prefix = subject_prefix(subject, data_class);
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions()));
    for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
      seal::KeyId id{};
      if (it->key().size() != prefix.size() + id.size()) {
        continue;
      }
      std::memcpy(id.data(), it->key().data() + prefix.size(), id.size());
      CARNET_TRY(auto record, get(id));
      if (record) {
        out.push_back(std::move(*record));
      }
    }
    CARNET_TRY_VOID(to_status(it->status(), StoreCall::kRead, "KeyStoreDamaged"));
    return out;
  }

  Result<std::vector<seal::KeyRecord>> scan(const std::optional<seal::KeyId>& after, std::size_t limit) const override {
    std::vector<seal::KeyRecord> out;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions()));
    const std::string from = after ? record_key(*after) : std::string("k");
    for (it->Seek(from); it->Valid() && it->key().starts_with("k") && out.size() < limit; it->Next()) {
      if (after && view(it->key()) == from) {
        continue;
      }
      CARNET_TRY(auto record, seal::decode_key_record(view(it->value())));
      out.push_back(std::move(record));
    }
    CARNET_TRY_VOID(to_status(it->status(), StoreCall::kRead, "KeyStoreDamaged"));
    return out;
  }

  Result<seal::KeyMeta> meta(std::string_view prefix) const override {
    seal::KeyMeta out;
    const std::string from = "m" + std::string(prefix);
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions()));
    for (it->Seek(from); it->Valid() && it->key().starts_with(from); it->Next()) {
      out.emplace(it->key().ToString().substr(1), it->value().ToString());
    }
    CARNET_TRY_VOID(to_status(it->status(), StoreCall::kRead, "KeyStoreDamaged"));
    return out;
  }

  Status write(const seal::KeyWrite& write) override {
    const std::lock_guard lock(write_mutex_);
    rocksdb::WriteBatch batch;
    for (const seal::KeyId& id : write.erase) {
      CARNET_TRY(const auto record, get(id));
      if (record) {
        CARNET_TRY_VOID(to_status(batch.Delete(record_key(id)), StoreCall::kWrite, "KeyStoreDamaged"));
        CARNET_TRY_VOID(to_status(batch.Delete(subject_key(*record)), StoreCall::kWrite, "KeyStoreDamaged"));
      }
    }
    for (const seal::KeyRecord& record : write.put) {
      CARNET_TRY_VOID(
          to_status(batch.Put(record_key(record.key_id), seal::encode(record)), StoreCall::kWrite, "KeyStoreDamaged"));
      CARNET_TRY_VOID(to_status(batch.Put(subject_key(record), ""), StoreCall::kWrite, "KeyStoreDamaged"));
    }
    for (const auto& [name, value] : write.meta) {
      const std::string key = "m" + name;
      CARNET_TRY_VOID(
          to_status(value.empty() ? batch.Delete(key) : batch.Put(key, value), StoreCall::kWrite, "KeyStoreDamaged"));
    }
    rocksdb::WriteOptions options;
    options.sync = write.sync;
    return to_status(db_->Write(options, &batch), StoreCall::kWrite, "KeyStoreDamaged");
  }

  Status purge(std::span<const std::string> gone) override {
    const std::lock_guard lock(write_mutex_);
    std::uint64_t snapshots = 0;
    if (db_->GetIntProperty(rocksdb::DB::Properties::kNumSnapshots, &snapshots) && snapshots > 0) {
      return Error(ErrorCode::kBusy, "KeyStorePinned",
                   "a reader holds old records of the key store: call again when it is done");
    }
    CARNET_TRY_VOID(to_status(db_->Flush(rocksdb::FlushOptions()), StoreCall::kWrite, "KeyStoreDamaged"));
    rocksdb::CompactRangeOptions compact;
    compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    compact.exclusive_manual_compaction = true;
    CARNET_TRY_VOID(to_status(db_->CompactRange(compact, nullptr, nullptr), StoreCall::kWrite, "KeyStoreDamaged"));
    // Twice: a file that the first pass made is rewritten without what only its neighbours' deletions covered.
    CARNET_TRY_VOID(to_status(db_->CompactRange(compact, nullptr, nullptr), StoreCall::kWrite, "KeyStoreDamaged"));
    CARNET_TRY_VOID(to_status(db_->DisableFileDeletions(), StoreCall::kWrite, "KeyStoreDamaged"));
    CARNET_TRY_VOID(to_status(db_->EnableFileDeletions(true), StoreCall::kWrite, "KeyStoreDamaged"));
    return check_gone(gone);
  }

 private:
  Status check_gone(std::span<const std::string> gone) const {
    std::vector<std::string> names;
    CARNET_TRY_VOID(to_status(env_->GetChildren(folder_.string(), &names), StoreCall::kRead, "KeyStoreDamaged"));
    for (const std::string& name : names) {
      const std::string path = (folder_ / name).string();
      bool is_folder = false;
      if (!env_->IsDirectory(path, &is_folder).ok() || is_folder) {
        continue;
      }
      std::string bytes;
      if (const rocksdb::Status read = rocksdb::ReadFileToString(env_, path, &bytes); !read.ok()) {
        if (read.IsNotFound()) {
          continue;
        }
        return to_status(read, StoreCall::kRead, "KeyStoreDamaged");
      }
      for (const std::string& secret : gone) {
        if (!secret.empty() && bytes.find(secret) != std::string::npos) {
          return Error(
              ErrorCode::kBusy, "KeyStorePinned",
              "a file of the key store still holds erased bytes (an obsolete file that a reader keeps): call again",
              {{"file", name}});
        }
      }
    }
    return {};
  }

  fs::path folder_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::Env* env_;
  mutable std::mutex write_mutex_;
};

}  // namespace

Result<std::unique_ptr<seal::KeyStore>> open_key_store(const fs::path& folder, KeyStoreMissing missing, StoreEnv* env,
                                                       LogSink* /*log*/) {
  std::error_code error;
  const bool exists = fs::exists(folder / "CURRENT", error);
  if (!exists && missing == KeyStoreMissing::kFail) {
    return Error(ErrorCode::kNotFound, "KeyStoreMissing", "there is no key store in the folder",
                 {{"path", folder.string()}});
  }
  if (!exists) {
    CARNET_TRY_VOID(base::create_directory(base::parent_folder(folder.string()), base::FileMode::kPrivate));
    CARNET_TRY_VOID(base::create_directory(folder.string(), base::FileMode::kPrivate));
  }
  rocksdb::Options options;
  options.create_if_missing = !exists;
  if (env != nullptr && env->env != nullptr) {
    options.env = env->env;
  }
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  options.compression = rocksdb::kNoCompression;  // so that the scan for erased bytes sees them
  options.write_buffer_size = 1U << 20U;
  options.max_open_files = 64;
  options.keep_log_file_num = 1;
  options.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
  options.max_background_jobs = 2;
  options.recycle_log_file_num = 0;
  options.delete_obsolete_files_period_micros = 0;  // what is obsolete goes at once
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(1U << 20U);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::DB* raw = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(options, folder.string(), &raw);
  if (!opened.ok()) {
    auto status = to_status(opened, StoreCall::kOpen, "KeyStoreDamaged");
    if (!status && status.error().code() == ErrorCode::kCorruption) {
      return Error(ErrorCode::kCorruption, "KeyStoreDamaged",
                   "the key store cannot be opened: restore it from its own backup", {{"path", folder.string()}});
    }
    return std::move(status).error();
  }
  return std::unique_ptr<seal::KeyStore>(
      std::make_unique<RocksKeyStore>(folder, std::unique_ptr<rocksdb::DB>(raw), options.env));
}

}  // namespace carnet::store

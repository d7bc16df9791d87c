// SPDX-License-Identifier: Apache-2.0
//
// The decision in front of DB::Open, and the cut that carries it out.
#include "store/wal_scan.hpp"

#include "base/bytes.hpp"
#include "base/files.hpp"
#include "store/status.hpp"

#include <rocksdb/file_system.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace carnet::store {

namespace {

using rocksdb::IOOptions;

constexpr std::size_t kCopyBytes = 1024 * 1024;

std::string path_of(const LogFiles& log, const std::string& name) {
  return log.folder + "/" + name;
}

/// Number of `NNNNNN.log`; nothing for other names.
std::optional<std::uint64_t> wal_number(std::string_view name) noexcept {
  constexpr std::string_view kSuffix = ".log";
  if (!name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  name.remove_suffix(kSuffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? std::optional(number) : std::nullopt;
}

/// What must hold from one record to the next, over all files.
struct Continuity {
  std::optional<std::uint64_t> next;  ///< First position of the next frame; nothing before the first one.
  std::uint64_t first_max = 0;        ///< The first frame may begin here or before: the tables hold what precedes it.
  std::uint64_t removed_below_max = 0;
};

/// Reads one batch. What it meets first that cannot stand there stays in `fault`.
class BatchReader final : public rocksdb::WriteBatch::Handler {
 public:
  BatchReader(const SpanOf& span_of, WalScan& scan, Continuity& continuity)
      : span_of_(span_of), scan_(scan), continuity_(continuity) {}

  [[nodiscard]] std::string_view fault() const noexcept { return fault_; }

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    if (family != kTailFamilyId) {
      return refuse("write to another family than tail");
    }
    const auto span = span_of_(key.ToStringView(), value.ToStringView());
    if (!span || span->first == 0 || span->last < span->first) {
      return refuse("entry is not a frame");
    }
    if (continuity_.next ? span->first != *continuity_.next : span->first > continuity_.first_max) {
      return refuse("positions are missing before this record");
    }
    continuity_.next = span->last + 1;
    scan_.positions = PositionSpan{scan_.positions ? scan_.positions->first : span->first, span->last};
    return {};
  }

  rocksdb::Status DeleteCF(std::uint32_t family, const rocksdb::Slice& key) override {
    return remove_below(family, key, 1);
  }

  rocksdb::Status SingleDeleteCF(std::uint32_t family, const rocksdb::Slice& key) override {
    return remove_below(family, key, 1);
  }

  rocksdb::Status DeleteRangeCF(std::uint32_t family, const rocksdb::Slice& /*begin*/,
                                const rocksdb::Slice& end) override {
    return remove_below(family, end, 0);
  }

  rocksdb::Status MergeCF(std::uint32_t /*family*/, const rocksdb::Slice& /*key*/,
                          const rocksdb::Slice& /*value*/) override {
    return refuse("operation that the log never writes");
  }

 private:
  rocksdb::Status remove_below(std::uint32_t family, const rocksdb::Slice& key, std::uint64_t beyond) {
    if (family != kTailFamilyId || key.size() != sizeof(std::uint64_t)) {
      return refuse("removal that is not of frames in tail");
    }
    if (base::load_be<std::uint64_t>(key.data()) > continuity_.removed_below_max - beyond) {
      return refuse("frames are removed that no sealed table holds");
    }
    return {};
  }

  rocksdb::Status refuse(std::string_view fault) {
    fault_ = fault;
    return rocksdb::Status::Corruption();
  }

  const SpanOf& span_of_;
  WalScan& scan_;
  Continuity& continuity_;
  std::string_view fault_;
};

Result<WalScan> scan_wal_from(const LogFiles& log, const std::string& name, const SpanOf& span_of,
                              Continuity& continuity) {
  WalScan scan;
  scan.name = name;
  const RecordSink sink = [&](std::uint64_t /*offset*/, std::string_view payload) -> std::string_view {
    // RocksDB's own decoder, so that what it will replay is what was judged.
    const rocksdb::WriteBatch batch{std::string(payload)};
    BatchReader reader(span_of, scan, continuity);
    const rocksdb::Status status = batch.Iterate(&reader);
    if (status.ok()) {
      return {};
    }
    return reader.fault().empty() ? "record is not a write batch" : reader.fault();
  };
  CARNET_TRY(scan.records, scan_records(*log.files, path_of(log, name), sink));
  return scan;
}

/// Live write-ahead logs by rising number: those that RocksDB will replay.
Result<std::vector<std::string>> live_wals(const LogFiles& log, std::uint64_t wal_min) {
  std::vector<std::string> names;
  CARNET_TRY_VOID(to_status(log.files->GetChildren(log.folder, IOOptions(), &names, nullptr), StoreCall::kOpen));
  std::erase_if(names, [&](const std::string& name) {
    const auto number = wal_number(name);
    return !number || *number < wal_min;
  });
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return *wal_number(a) < *wal_number(b); });
  return names;
}

/// Everything that is there, read in order, as one stream.
struct Survey {
  TablesHead tables;
  std::vector<WalScan> wals;
  std::uint64_t head = 0;          ///< Of the prefix that is whole.
  std::optional<std::size_t> bad;  ///< The first file that is not whole.
  bool goes_on_after_bad = false;  ///< A record stands after the first bad byte, in the same file or a later one.
};

void add_wal(Survey& found, WalScan scan) {
  if (found.bad) {
    found.goes_on_after_bad |= scan.records.records > 0 || scan.records.valid_after_bad_offset.has_value();
  } else {
    found.head = std::max(found.head, scan.positions ? scan.positions->last : 0);
    if (!scan.records.is_clean()) {
      found.bad = found.wals.size();
      found.goes_on_after_bad = scan.records.valid_after_bad_offset.has_value();
    }
  }
  found.wals.push_back(std::move(scan));
}

Result<Survey> survey(const LogFiles& log, const SpanOf& span_of) {
  Survey found;
  CARNET_TRY(found.tables, read_tables_head(log, span_of));
  CARNET_TRY(const std::vector<std::string> names, live_wals(log, found.tables.wal_min));
  found.head = found.tables.head();
  Continuity continuity{.next = {}, .first_max = found.head + 1, .removed_below_max = found.tables.sealed + 1};
  for (const std::string& name : names) {
    CARNET_TRY(WalScan scan, scan_wal_from(log, name, span_of, continuity));
    add_wal(found, std::move(scan));
  }
  return found;
}

Error log_damaged(std::string_view reason, std::vector<Fact> facts) {
  facts.insert(facts.begin(), {"reason", std::string(reason)});
  return {ErrorCode::kCorruption, "LogDamaged",
          "the log is damaged and was not opened: restore a backup, or run recover --accept-loss", std::move(facts)};
}

std::vector<Fact> heads(std::uint64_t floor, std::uint64_t head) {
  return {{"floor", std::to_string(floor)}, {"head", std::to_string(head)}};
}

Error damaged_at(const WalScan& scan, std::uint64_t floor, std::uint64_t head) {
  std::vector<Fact> facts = heads(floor, head);
  facts.insert(facts.begin(), {{"file", scan.name},
                               {"firstBad", std::to_string(scan.records.first_bad_offset.value_or(0))},
                               {"lastGood", std::to_string(scan.records.last_good_offset)}});
  return log_damaged(scan.records.reason, std::move(facts));
}

/// Cuts the first file that is not whole at its last good offset, and all later ones to nothing.
std::vector<WalCut> cuts_from(const Survey& found) {
  std::vector<WalCut> cuts;
  if (!found.bad) {
    return cuts;
  }
  for (std::size_t i = *found.bad; i < found.wals.size(); ++i) {
    const RecordScan& records = found.wals[i].records;
    const std::uint64_t keep = i == *found.bad ? records.last_good_offset : 0;
    if (records.file_bytes > keep) {
      cuts.push_back({found.wals[i].name, keep, records.file_bytes - keep});
    }
  }
  return cuts;
}

/// A table ahead of everything else that is there: the MANIFEST lost its end, and opening would delete the table.
std::vector<std::string> tables_ahead(const Survey& found) {
  std::vector<std::string> ahead;
  for (const UnnamedTable& table : found.tables.unnamed) {
    if (table.last_position > found.head) {
      ahead.push_back(table.name);
    }
  }
  return ahead;
}

/// Copies `bytes` of `from` from `offset` on into a new file `to`, synced.
Status copy_aside(rocksdb::FileSystem& files, const std::string& from, std::uint64_t offset, std::uint64_t bytes,
                  const std::string& to) {
  std::unique_ptr<rocksdb::FSSequentialFile> source;
  CARNET_TRY_VOID(to_status(files.NewSequentialFile(from, rocksdb::FileOptions(), &source, nullptr), StoreCall::kRead));
  CARNET_TRY_VOID(to_status(source->Skip(offset), StoreCall::kRead));
  std::unique_ptr<rocksdb::FSWritableFile> target;
  CARNET_TRY_VOID(to_status(files.NewWritableFile(to, rocksdb::FileOptions(), &target, nullptr), StoreCall::kWrite));
  std::string scratch(kCopyBytes, '\0');
  while (bytes > 0) {
    rocksdb::Slice part;
    const std::size_t wanted = std::min<std::uint64_t>(bytes, scratch.size());
    CARNET_TRY_VOID(to_status(source->Read(wanted, IOOptions(), &part, scratch.data(), nullptr), StoreCall::kRead));
    if (part.empty()) {
      return Error(ErrorCode::kStorage, "StoreFailed", "a file became shorter while it was read", {{"file", from}});
    }
    CARNET_TRY_VOID(to_status(target->Append(part, IOOptions(), nullptr), StoreCall::kWrite));
    bytes -= part.size();
  }
  CARNET_TRY_VOID(to_status(target->Fsync(IOOptions(), nullptr), StoreCall::kWrite));
  return to_status(target->Close(IOOptions(), nullptr), StoreCall::kWrite);
}

Status sync_folder(rocksdb::FileSystem& files, const std::string& folder) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  CARNET_TRY_VOID(to_status(files.NewDirectory(folder, IOOptions(), &directory, nullptr), StoreCall::kWrite));
  return to_status(directory->Fsync(IOOptions(), nullptr), StoreCall::kWrite);
}

Status cut(rocksdb::FileSystem& files, const std::string& path, std::uint64_t keep_bytes) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  CARNET_TRY_VOID(to_status(files.ReopenWritableFile(path, rocksdb::FileOptions(), &file, nullptr), StoreCall::kWrite));
  CARNET_TRY_VOID(to_status(file->Truncate(keep_bytes, IOOptions(), nullptr), StoreCall::kWrite));
  CARNET_TRY_VOID(to_status(file->Fsync(IOOptions(), nullptr), StoreCall::kWrite));
  return to_status(file->Close(IOOptions(), nullptr), StoreCall::kWrite);
}

}  // namespace

std::uint64_t OpenPlan::dropped_bytes() const noexcept {
  std::uint64_t bytes = 0;
  for (const WalCut& cut : cuts) {
    bytes += cut.drop_bytes;
  }
  return bytes;
}

Result<OpenPlan> plan_open(const LogFiles& log, std::uint64_t floor, const SpanOf& span_of) {
  CARNET_TRY(const Survey found, survey(log, span_of));
  if (found.bad && (found.goes_on_after_bad || found.head < floor)) {
    return damaged_at(found.wals[*found.bad], floor, found.head);
  }
  if (const std::vector<std::string> ahead = tables_ahead(found); !ahead.empty()) {
    std::vector<Fact> facts = heads(floor, found.head);
    facts.insert(facts.begin(), {"file", ahead.front()});
    return log_damaged("a table holds later positions and is not in the MANIFEST", std::move(facts));
  }
  if (found.head < floor) {
    return Error(ErrorCode::kCorruption, "LogTruncated",
                 "the log ends before what was guaranteed: restore a backup, or run recover --accept-loss",
                 heads(floor, found.head));
  }
  return OpenPlan{.head = found.head, .cuts = cuts_from(found), .set_aside = {}};
}

Result<OpenPlan> plan_accepted_loss(const LogFiles& log, const SpanOf& span_of) {
  CARNET_TRY(const Survey found, survey(log, span_of));
  return OpenPlan{.head = found.head, .cuts = cuts_from(found), .set_aside = tables_ahead(found)};
}

Status apply_plan(const LogFiles& log, const OpenPlan& plan, const std::string& aside_folder) {
  if (plan.cuts.empty() && plan.set_aside.empty()) {
    return {};
  }
  rocksdb::FileSystem& files = *log.files;
  CARNET_TRY_VOID(to_status(files.CreateDirIfMissing(aside_folder, IOOptions(), nullptr), StoreCall::kWrite));
  for (const std::string& name : plan.set_aside) {
    std::uint64_t bytes = 0;
    CARNET_TRY_VOID(to_status(files.GetFileSize(path_of(log, name), IOOptions(), &bytes, nullptr), StoreCall::kRead));
    CARNET_TRY_VOID(copy_aside(files, path_of(log, name), 0, bytes, aside_folder + "/" + name));
  }
  for (const WalCut& each : plan.cuts) {
    const std::string aside = aside_folder + "/" + each.name + "." + std::to_string(each.keep_bytes);
    CARNET_TRY_VOID(copy_aside(files, path_of(log, each.name), each.keep_bytes, each.drop_bytes, aside));
  }
  CARNET_TRY_VOID(sync_folder(files, aside_folder));
  CARNET_TRY_VOID(sync_folder(files, base::parent_folder(aside_folder)));
  // From the last file to the first: a crash in between leaves the first bad byte where it is, and the plan stays the
  // same.
  for (auto each = plan.cuts.rbegin(); each != plan.cuts.rend(); ++each) {
    CARNET_TRY_VOID(cut(files, path_of(log, each->name), each->keep_bytes));
  }
  return {};
}

}  // namespace carnet::store

// SPDX-License-Identifier: Apache-2.0
//
// One pass over a file in RocksDB's log format.
#include "store/wal_records.hpp"

#include "base/bytes.hpp"
#include "store/status.hpp"

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace carnet::store {

namespace {

enum class RecordType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

struct Header {
  std::uint32_t masked_crc;
  std::uint16_t length;
  std::uint8_t type;
};

Header header_at(std::string_view bytes) noexcept {
  return {base::load_le<std::uint32_t>(bytes.data()), base::load_le<std::uint16_t>(bytes.data() + 4),
          base::load_le<std::uint8_t>(bytes.data() + 6)};
}

/// RocksDB also knows recyclable types (5 to 8) and meta records (9 and up). We never recycle a file nor compress one,
/// and RocksDB takes a recyclable type with a foreign log number for the end of the log: one flipped bit would hide the
/// rest.
bool is_known_type(std::uint8_t type) noexcept {
  return type >= static_cast<std::uint8_t>(RecordType::kFull) && type <= static_cast<std::uint8_t>(RecordType::kLast);
}

/// The CRC covers the type and the payload. Requires: `bytes` hold them.
bool has_matching_crc(std::string_view bytes, const Header& header) noexcept {
  const std::string_view covered = bytes.substr(6, 1U + header.length);
  return base::mask_crc32c(base::crc32c(base::as_bytes(covered))) == header.masked_crc;
}

/// Why no record stands at the front of `bytes`, which reach to the end of the block or of the file; empty: one does.
std::string_view fault_of(std::string_view bytes) noexcept {
  if (bytes.size() < kWalHeaderBytes) {
    return "record header is cut";
  }
  const Header header = header_at(bytes);
  if (!is_known_type(header.type)) {
    return header.type == 0 && header.length == 0 ? "zeros where a record should begin" : "unexpected record type";
  }
  if (kWalHeaderBytes + header.length > bytes.size()) {
    return "record reaches beyond its block or the file";
  }
  return has_matching_crc(bytes, header) ? std::string_view() : "record checksum differs";
}

/// The writer emits an empty record in one case: a first fragment that finds room for its header alone. Anything else
/// of length 0 found while searching would be seven bytes that anybody can hold.
bool is_evidence(std::string_view bytes, std::size_t block_bytes) noexcept {
  if (bytes.size() < kWalHeaderBytes) {
    return false;
  }
  const Header header = header_at(bytes);
  if (!is_known_type(header.type) || kWalHeaderBytes + header.length > bytes.size()) {
    return false;
  }
  if (header.length == 0) {
    const bool ends_a_block = bytes.size() == kWalHeaderBytes && block_bytes == kWalBlockBytes;
    if (header.type != static_cast<std::uint8_t>(RecordType::kFirst) || !ends_a_block) {
      return false;
    }
  }
  return has_matching_crc(bytes, header);
}

class Pass {
 public:
  explicit Pass(const RecordSink& sink) : sink_(sink) {}

  /// Takes the next block: 32 KiB, or less at the end of the file.
  void take(std::string_view block) {
    scan_.file_bytes = base_ + block.size();
    if (scan_.is_clean()) {
      read(block);
    }
    if (!scan_.is_clean() && !scan_.valid_after_bad_offset) {
      search(block);
    }
    base_ += block.size();
  }

  RecordScan finish() {
    if (scan_.is_clean() && in_record_) {
      set_bad(scan_.file_bytes, "last record has no end");
    }
    return scan_;
  }

 private:
  void read(std::string_view block) {
    std::size_t at = 0;
    while (scan_.is_clean() && at < block.size()) {
      const std::string_view rest = block.substr(at);
      if (rest.size() < kWalHeaderBytes && block.size() == kWalBlockBytes) {
        return;  // Padding: neither RocksDB nor its writer gives these bytes a meaning.
      }
      if (const std::string_view fault = fault_of(rest); !fault.empty()) {
        set_bad(base_ + at, fault);
        return;
      }
      const Header header = header_at(rest);
      const std::size_t end = at + kWalHeaderBytes + header.length;
      take_fragment(static_cast<RecordType>(header.type), base_ + at, rest.substr(kWalHeaderBytes, header.length),
                    base_ + end);
      at = end;
    }
  }

  void take_fragment(RecordType type, std::uint64_t offset, std::string_view payload, std::uint64_t end) {
    const bool begins = type == RecordType::kFull || type == RecordType::kFirst;
    if (begins == in_record_) {
      set_bad(offset, in_record_ ? "record begins inside another" : "fragment without a beginning");
      scan_.valid_after_bad_offset = offset;
      return;
    }
    if (type == RecordType::kFull) {
      deliver(offset, payload, end);
      return;
    }
    if (type == RecordType::kFirst) {
      in_record_ = true;
      record_offset_ = offset;
      fragments_.clear();
    }
    fragments_.append(payload);
    if (type == RecordType::kLast) {
      in_record_ = false;
      deliver(record_offset_, fragments_, end);
    }
  }

  void deliver(std::uint64_t offset, std::string_view payload, std::uint64_t end) {
    if (const std::string_view fault = sink_ ? sink_(offset, payload) : std::string_view(); !fault.empty()) {
      set_bad(offset, fault);
      scan_.valid_after_bad_offset = offset;
      return;
    }
    scan_.records += 1;
    scan_.last_good_offset = end;
  }

  void set_bad(std::uint64_t offset, std::string_view reason) {
    scan_.first_bad_offset = offset;
    scan_.reason = reason;
  }

  void search(std::string_view block) {
    const std::uint64_t first_bad = *scan_.first_bad_offset;
    for (std::size_t at = first_bad > base_ ? first_bad - base_ : 0; at < block.size(); ++at) {
      if (is_evidence(block.substr(at), block.size())) {
        scan_.valid_after_bad_offset = base_ + at;
        return;
      }
    }
  }

  const RecordSink& sink_;
  RecordScan scan_;
  std::uint64_t base_ = 0;
  bool in_record_ = false;
  std::uint64_t record_offset_ = 0;
  std::string fragments_;
};

}  // namespace

Result<RecordScan> scan_records(rocksdb::FileSystem& files, const std::string& path, const RecordSink& sink) {
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  CARNET_TRY_VOID(to_status(files.NewSequentialFile(path, rocksdb::FileOptions(), &file, nullptr), StoreCall::kRead));
  Pass pass(sink);
  std::string scratch(kWalBlockBytes, '\0');
  while (true) {
    rocksdb::Slice block;
    CARNET_TRY_VOID(
        to_status(file->Read(scratch.size(), rocksdb::IOOptions(), &block, scratch.data(), nullptr), StoreCall::kRead));
    pass.take({block.data(), block.size()});
    if (block.size() < kWalBlockBytes) {
      return pass.finish();
    }
  }
}

}  // namespace carnet::store

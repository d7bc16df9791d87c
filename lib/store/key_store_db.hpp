// SPDX-License-Identifier: Apache-2.0
//
// The key store's RocksDB form: a database of its own, in its own folder (by default `L.keys` beside the ledger `L`),
// so that no backup of the ledger holds keys. No RocksDB type shows here.
#pragma once

#include "seal/key_store.hpp"

#include <carnet/log_sink.hpp>
#include <carnet/result.hpp>

#include <filesystem>
#include <memory>

namespace carnet::store {

struct StoreEnv;

enum class KeyStoreMissing : std::uint8_t { kFail, kCreate };

/// Errors: kNotFound `KeyStoreMissing`; kBusy `LedgerBusy` when another process holds it; kCorruption
/// `KeyStoreDamaged`; kStorage.
[[nodiscard]] Result<std::unique_ptr<seal::KeyStore>> open_key_store(const std::filesystem::path& folder,
                                                                     KeyStoreMissing missing, StoreEnv* env,
                                                                     LogSink* log);

}  // namespace carnet::store

// SPDX-License-Identifier: Apache-2.0
//
// The verbs. Each returns how it ended; an Error is told by the caller, and so is a failing standard output.
#pragma once

#include "options.hpp"
#include "session.hpp"

namespace carnet::tool {

[[nodiscard]] Result<Exit> run(const Session& session, const InitCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const ImportCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const GenerateCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const EventsCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const TransfersCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const BalancesCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const ViolationsCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const RentalsCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const KpiCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const ListCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const HeadCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const FindingsCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const RebuildCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const VerifyCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const RecoverCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const StatsCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const BackupCommand& command);
[[nodiscard]] Result<Exit> run(const Session& session, const RestoreCommand& command);

/// For verbs that make a ledger. Errors: kInvalidArgument `NotEmpty`; kStorage.
[[nodiscard]] Status refuse_what_is_there(const std::filesystem::path& folder);

}  // namespace carnet::tool

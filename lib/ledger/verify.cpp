// SPDX-License-Identifier: Apache-2.0
//
// Verification: recomputes everything from the commits' bytes, never from stored hashes, and compares the live views
// with it.
#include "base/check.hpp"
#include "ledger/build.hpp"
#include "ledger/engine.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carnet::ledger {

namespace {

constexpr std::uint64_t kProgressStep = 10'000;
constexpr std::size_t kFindingsMax = 100;

class Verifier {
 public:
  Verifier(Engine& engine, VerifyReport& report) : engine_(engine), report_(report) {}

  /// Folds the log into a state of its own, up to its end or until it breaks.
  [[nodiscard]] Status fold(const std::function<void(const VerifyProgress&)>& progress, const std::stop_token& stop) {
    if (fresh_ == nullptr) {
      CARNET_TRY(fresh_, State::make(engine_.domain(), nullptr, kFreshBytes, engine_.host_projections()));
      fresh_->begin_empty();
      CARNET_TRY_VOID(fresh_->types->bind(*fresh_->catalog));
      fresh_->set_frame_loader(engine_.frame_loader());
    }
    CARNET_TRY(auto frames, engine_.log().read(fresh_->tip.position));
    const std::uint64_t total = engine_.state().tip.position;
    std::uint64_t told = fresh_->tip.position;
    while (true) {
      CARNET_TRY(const auto frame, frames->next());
      if (frame.empty()) {
        break;
      }
      if (stop.stop_requested()) {
        return Error(ErrorCode::kCancelled, "Cancelled", "verification was stopped by its caller");
      }
      if (auto folded = fresh_->fold_frame(frame); !folded) {
        if (folded.error().code() != ErrorCode::kCorruption) {
          return folded;
        }
        find(folded.error().name() == "ChainBroken" ? "chains" : "structure", fresh_->tip.position,
             folded.error().message());
        broken_ = true;
        return {};
      }
      if (progress && fresh_->tip.position - told >= kProgressStep) {
        told = fresh_->tip.position;
        progress({told, std::max(told, total)});
      }
    }
    fresh_->publish_fold();
    return {};
  }

  /// Compares with the live state. Requires: nothing is appended meanwhile.
  [[nodiscard]] Status compare() {
    State& live = engine_.state();
    report_.events = fresh_->tip.position;
    report_.commits = fresh_->tip.commits;
    report_.root = fresh_->tip.tree.compute_root();
    if (broken_) {
      return {};
    }
    if (fresh_->tip.position != live.tip.position || fresh_->tip.commits != live.tip.commits) {
      find("structure", fresh_->tip.position,
           fmt::format("the log ends at position {}, the ledger believes {}", fresh_->tip.position, live.tip.position));
      return {};
    }
    if (report_.root != live.tip.tree.compute_root()) {
      find("root", fresh_->tip.position,
           "the recomputed root differs from the running one: commits were changed after they were written");
    }
    for (std::uint16_t i = 0; i < kCoreTables.size(); ++i) {
      CARNET_TRY([[maybe_unused]] const bool same, compare_table(kCoreTables[i].name, {i}, {i}));
    }
    for (const BoundProjection& bound : fresh_->projections()) {
      CARNET_TRY_VOID(compare_projection(bound));
    }
    CARNET_TRY_VOID(compare_catalog());
    return compare_index();
  }

 private:
  static constexpr std::size_t kFreshBytes = std::size_t{4} << 30U;  // in memory as a whole: there is no store under it

  void find(std::string_view check, std::uint64_t position, std::string message) {
    if (report_.findings.size() < kFindingsMax) {
      report_.findings.push_back({std::string(check), position, std::move(message)});
    }
  }

  /// True: they agree.
  [[nodiscard]] Result<bool> compare_table(std::string_view name, TableId fresh, TableId live) {
    const project::Fingerprint expected = fresh_->tables->fingerprint(fresh);
    CARNET_TRY(const project::Fingerprint actual, engine_.state().tables->recompute_fingerprint(live));
    report_.fingerprints.emplace_back(name, to_hex(actual));
    if (expected == actual && engine_.state().tables->fingerprint(live) == actual) {
      return true;
    }
    find("views", fresh_->tip.position,
         fmt::format("table {} differs from what the log gives: remove views/, it is rebuilt", name));
    return false;
  }

  [[nodiscard]] Status compare_projection(const BoundProjection& fresh) {
    const auto live = std::ranges::find(engine_.state().projections(), fresh.projection, &BoundProjection::projection);
    CARNET_ASSERT(live != engine_.state().projections().end(), "both states know the same projections");
    bool same = true;
    for (std::uint16_t i = 0; i < fresh.projection->tables().size(); ++i) {
      CARNET_TRY(const bool equal,
                 compare_table(fresh.projection->tables()[i].name, {static_cast<std::uint16_t>(fresh.first.value + i)},
                               {static_cast<std::uint16_t>(live->first.value + i)}));
      same = same && equal;
    }
    if (same) {
      return {};
    }
    const auto rebuilt = fresh_->tables->snapshot();
    const auto actual = engine_.state().tables->snapshot();
    CARNET_TRY(const std::uint64_t position,
               first_difference(*fresh_, *rebuilt, engine_.log(), engine_.frame_loader(), fresh_->tip.position,
                                *fresh.projection, *rebuilt, fresh.first, *actual, live->first));
    find("projection", position,
         position == 0
             ? fmt::format("projection {} holds rows that no event gives: rebuild it", fresh.projection->name())
             : fmt::format("projection {} parts from what the log gives at position {}: rebuild it",
                           fresh.projection->name(), position));
    return {};
  }

  [[nodiscard]] Status compare_catalog() {
    const store::CatalogCounts a = fresh_->catalog->counts();
    const store::CatalogCounts b = engine_.state().catalog->counts();
    if (a.chains != b.chains || a.accounts != b.accounts || a.types != b.types || a.units != b.units ||
        a.codes != b.codes) {
      find("views", fresh_->tip.position,
           "the catalog differs from what the log introduces: remove views/, it is rebuilt");
      return {};
    }
    for (std::uint32_t ordinal = 1; ordinal <= a.chains; ++ordinal) {
      CARNET_TRY(const std::string expected, fresh_->catalog->chain_name(ordinal));
      CARNET_TRY(const std::string actual, engine_.state().catalog->chain_name(ordinal));
      CARNET_TRY(const store::ChainEntry entry, fresh_->catalog->chain_entry(ordinal));
      CARNET_TRY(const auto found, engine_.state().catalog->find_chain(entry.kind, expected));
      if (expected != actual || !found || found->ordinal != ordinal || found->member != entry.member) {
        find("views", 0, fmt::format("the catalog gives chain {} another name: remove views/, it is rebuilt", ordinal));
      }
    }
    return {};
  }

  [[nodiscard]] Status compare_index() {
    State& live = engine_.state();
    const std::uint64_t end = fresh_->tip.position;
    for (std::uint32_t chain = 1; chain <= fresh_->catalog->counts().chains; ++chain) {
      CARNET_TRY(auto expected, fresh_->chain_index->positions(chain, 0, end, false));
      CARNET_TRY(auto actual, live.chain_index->positions(chain, 0, end, false));
      while (true) {
        CARNET_TRY(const std::uint64_t a, expected->next());
        CARNET_TRY(const std::uint64_t b, actual->next());
        if (a != b) {
          find("views", std::max(a, b),
               fmt::format("the index of chain {} differs from the log: remove views/, it is rebuilt", chain));
          break;
        }
        if (a == 0) {
          break;
        }
      }
    }
    return {};
  }

  Engine& engine_;
  VerifyReport& report_;
  std::unique_ptr<State> fresh_;
  bool broken_ = false;
};

}  // namespace

Result<VerifyReport> Engine::verify(const std::function<void(const VerifyProgress&)>& progress, std::stop_token stop) {
  check_process();
  VerifyReport report;
  Verifier verifier(*this, report);
  // Most of the log beside appends, the rest and the comparison while they wait.
  CARNET_TRY_VOID(verifier.fold(progress, stop));
  Status status;
  const auto finish = [&] {
    status = verifier.fold(progress, stop);
    if (status) {
      status = verifier.compare();
    }
  };
  const std::lock_guard lock(checkpoint_mutex_);
  if (sequencer_ != nullptr) {
    sequencer_->exclusively(finish);
  } else {
    finish();
  }
  if (!status) {
    return std::move(status).error();
  }
  if (floor_ && report.events < floor_->mark().position) {
    report.findings.push_back({"floor", report.events, "the log ends below its floor"});
  }
  return report;
}

}  // namespace carnet::ledger

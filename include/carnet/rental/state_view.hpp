// SPDX-License-Identifier: Apache-2.0
//
// Where a question about states is put: to a View, which shows the head, or to a fold of View::as_of, which shows
// another time. Questions take a StateView, and a View is one. Stability: experimental until the domain is complete.
#pragma once

#include <carnet/ledger.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carnet {

/// States of a ledger at one time. Cheap to copy. Names and what never changes come from the view, rows and balances
/// from the fold where there is one. Lifetime, threads: as the view and the fold, which it only points to.
class StateView {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions): a view is the states at its position
  StateView(View& view) noexcept : view_(&view) {}

  /// Requires: `as_of` is of this view, without AsOfOptions::chain, and folded the projections that a question names.
  StateView(View& view, AsOfState& as_of) noexcept : view_(&view), as_of_(&as_of) {}

  [[nodiscard]] View& view() const noexcept { return *view_; }

  [[nodiscard]] TableReader& tables() const { return as_of_ != nullptr ? as_of_->tables() : view_->tables(); }

  [[nodiscard]] TableId table(std::string_view projection) const {
    return as_of_ != nullptr ? as_of_->table(projection) : view_->table(projection);
  }

  [[nodiscard]] Result<Balance> balance(std::uint32_t account) const {
    return as_of_ != nullptr ? Result<Balance>(as_of_->balance(account)) : view_->balance(account);
  }

  [[nodiscard]] Result<std::optional<ChainState>> chain(ChainKind kind, std::string_view name) const {
    return view_->chain(kind, name);
  }

  [[nodiscard]] Result<std::string> member_name(ChainKind kind, std::string_view family, std::uint32_t member) const {
    return view_->member_name(kind, family, member);
  }

  [[nodiscard]] std::uint32_t member_count(ChainKind kind, std::string_view family) const {
    return view_->member_count(kind, family);
  }

  [[nodiscard]] Status status() const { return view_->status(); }

 private:
  View* view_;
  AsOfState* as_of_ = nullptr;
};

}  // namespace carnet

// SPDX-License-Identifier: Apache-2.0
//
// The reference of the rental domain, made from the very tables that decide and fold: events, lifecycles, postings,
// rules and codes as Markdown.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace carnet::rental {

/// Names of the pages: `events`, `lifecycles`, `postings`, `rules`, `codes`.
[[nodiscard]] std::span<const std::string_view> reference_pages() noexcept;

/// A page as Markdown; empty for a name that is none. The same text in every build of a release. Threads: any. Cost: a
/// few milliseconds.
[[nodiscard]] std::string reference_page(std::string_view page);

}  // namespace carnet::rental

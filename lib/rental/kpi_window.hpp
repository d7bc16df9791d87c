// SPDX-License-Identifier: Apache-2.0
//
// Days of a time zone as instants, for KPIs.
#pragma once

#include <carnet/result.hpp>
#include <carnet/time.hpp>

#include <cstdint>
#include <string_view>

namespace date {
class time_zone;
}  // namespace date

namespace carnet::rental {

/// Lives as long as the process. Errors: kInvalidArgument `ZoneUnknown`.
[[nodiscard]] Result<const date::time_zone*> find_zone(std::string_view name);
[[nodiscard]] LocalDate local_date(Timestamp time, const date::time_zone& zone);
/// First instant of a day, in nanoseconds; where clocks skip midnight, the first one there is. Requires: the day lies
/// in the years 1678 … 2262.
[[nodiscard]] std::int64_t start_of(LocalDate day, const date::time_zone& zone);

}  // namespace carnet::rental

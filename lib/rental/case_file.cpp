// SPDX-License-Identifier: Apache-2.0
#include "rental/case_file.hpp"

#include <algorithm>

namespace carnet::rental {

bool CaseFile::was_major() const {
  constexpr auto kMajor = static_cast<std::int64_t>(schema::FeedbackClassified::Severity::MAJOR);
  // Only classifications keep a value.
  return std::ranges::any_of(history_.entries(), [](const SubjectHistory::Entry& entry) {
    return entry.value != 0 && (entry.value & (kComplaintVariant - 1)) == kMajor;
  });
}

std::string CaseFile::first_responsible() const {
  std::string name;
  read<schema::FeedbackReceived>(history_.last("FeedbackReceived"), [&](auto received) {
    name = received.hasFirstResponsible() ? as_text(received.getFirstResponsible()) : std::string_view{};
  });
  return name;
}

std::string CaseFile::responsible() const {
  std::string name;
  const bool moved = read<schema::ResponsibilityAccepted>(history_.last("ResponsibilityAccepted"),
                                                          [&](auto accepted) { name = as_text(accepted.getTo()); });
  return moved ? name : first_responsible();
}

std::string CaseFile::owner() const {
  std::string name;
  const bool assigned =
      read<schema::CaseAssigned>(history_.last("CaseAssigned"), [&](auto given) { name = as_text(given.getOwner()); });
  return assigned ? name : first_responsible();
}

std::uint32_t CaseFile::round() const {
  if (row_.assumed == 0) {
    return row_.first == 0 ? 0 : 1 + static_cast<std::uint32_t>(history_.count("ReworkStarted"));
  }
  std::uint32_t stated = 0;
  read<schema::ReworkStarted>(history_.last("ReworkStarted"), [&](auto rework) { stated = rework.getRound(); });
  return stated;
}

}  // namespace carnet::rental

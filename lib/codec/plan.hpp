// SPDX-License-Identifier: Apache-2.0
//
// Plan: what a payload's schema says, in the form in which it is walked: per struct its fields with place, kind and
// annotations. Made once per PayloadType; immutable. Enforces the subset of Cap'n Proto that payloads may use (the head
// of schema/core.capnp).
#pragma once

#include "codec/wire.hpp"

#include <carnet/result.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::codec {

enum class Base : std::uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kEnum,
  kText,
  kData,
  kStruct,
};

/// What an annotation makes of a base.
enum class Format : std::uint8_t {
  kPlain,
  kTime,      ///< Int64, nanoseconds
  kDuration,  ///< Int64, seconds
  kDate,      ///< Int32, days
  kCurrency,  ///< UInt32
  kDigest,    ///< Data of 32 bytes
  kId,        ///< Text
  kName,      ///< Text
  kCode,      ///< Text of an open list
  kJson,      ///< Text
};

/// Pointers one behind another below a payload's root; the event above them takes two more of kNestingMax.
inline constexpr std::uint32_t kPayloadLevelsMax = 24;

/// A plain number's place in a data section is counted in units of this many bits.
[[nodiscard]] constexpr std::uint32_t bits_of(Base base) noexcept {
  constexpr std::uint32_t kBits[] = {1, 8, 16, 32, 64, 8, 16, 32, 64, 16, 0, 0, 0};
  return kBits[static_cast<std::size_t>(base)];
}

/// As an element of a list.
[[nodiscard]] constexpr wire::ElementSize element_size_of(Base base) noexcept {
  using enum wire::ElementSize;
  constexpr wire::ElementSize kSizes[] = {kBit,     kByte,     kTwoBytes,  kFourBytes,  kEightBytes,
                                          kByte,    kTwoBytes, kFourBytes, kEightBytes, kTwoBytes,
                                          kPointer, kPointer,  kComposite};
  return kSizes[static_cast<std::size_t>(base)];
}

struct EnumPlan {
  std::uint64_t id = 0;
  std::string name;
  std::vector<std::string> names;  ///< [0] is `unspecified`.
};

struct StructPlan;

struct FieldPlan {
  std::string name;
  Base base = Base::kBool;  ///< Of the elements, if it is a list.
  Format format = Format::kPlain;
  bool is_list = false;
  bool is_optional = false;
  std::uint32_t slot = 0;  ///< In units of the base's size, or index of the pointer.
  const StructPlan* structure = nullptr;
  const EnumPlan* enumeration = nullptr;
  std::string codes;       ///< Open list, of kCode.
  std::string marked;      ///< Word of the tag table.
  std::string unit;        ///< Of a number, for readers.
  std::string data_class;  ///< Not empty: personal, a Sealed.
  std::string subject;     ///< Field that names the account whose key seals it; empty: the default.

  [[nodiscard]] bool is_pointer() const noexcept { return is_list || bits_of(base) == 0; }

  [[nodiscard]] bool is_personal() const noexcept { return !data_class.empty(); }
};

enum class Role : std::uint8_t {
  kPlain,
  kBox,     ///< Stands in JSON for its one field.
  kSealed,  ///< core.capnp:Sealed.
};

struct StructPlan {
  std::uint64_t id = 0;
  std::string name;
  Role role = Role::kPlain;
  std::uint16_t data_words = 0;
  std::uint16_t pointer_count = 0;
  std::vector<FieldPlan> fields;      ///< By ordinal.
  std::vector<wire::Word> used_bits;  ///< Of the data section: bits that belong to a field.
  bool has_personal = false;          ///< Here or in a struct below.
  bool has_codes = false;
  std::uint32_t levels = 0;  ///< Pointers one behind another below this struct.

  /// Null when there is none. Cost: linear; types have a score of fields.
  [[nodiscard]] const FieldPlan* find(std::string_view field) const noexcept;
};

class Plan {
 public:
  /// Compiles the struct `root` of a closure in canonical form. `type` is for the error.
  /// Errors: kInvalidArgument `SchemaNotSupported`.
  [[nodiscard]] static Result<std::unique_ptr<const Plan>> compile(std::string_view type, std::uint64_t root,
                                                                   std::span<const wire::Word> closure);

  [[nodiscard]] const StructPlan& root() const noexcept { return *root_; }

  [[nodiscard]] bool derived() const noexcept { return derived_; }

  [[nodiscard]] std::span<const std::string> stream_families() const noexcept { return stream_families_; }

  [[nodiscard]] const std::string& stream_id_field() const noexcept { return stream_id_field_; }

 private:
  friend class PlanCompiler;

  std::vector<std::unique_ptr<StructPlan>> structs_;
  std::vector<std::unique_ptr<EnumPlan>> enums_;
  const StructPlan* root_ = nullptr;
  bool derived_ = false;
  std::vector<std::string> stream_families_;
  std::string stream_id_field_;
};

/// The struct that a field points to; an empty one when the pointer is null or is none to a struct.
[[nodiscard]] inline wire::Struct struct_at(const wire::Word* pointer) noexcept {
  wire::Struct out;
  if (pointer == nullptr || !wire::read_struct(pointer, out)) {
    return {};
  }
  return out;
}

/// The list that a pointer points to if its elements have the size of `base`; else an empty one.
[[nodiscard]] inline wire::List list_at(const wire::Word* pointer, Base base) noexcept {
  wire::List out;
  if (pointer == nullptr || !wire::read_list(pointer, out) || out.size != element_size_of(base)) {
    return {};
  }
  return out;
}

/// The text that a pointer points to; empty when there is none.
[[nodiscard]] inline std::string_view text_at(const wire::Word* pointer) noexcept {
  std::string_view out;
  if (pointer == nullptr || !wire::read_text(pointer, out)) {
    return {};
  }
  return out;
}

/// Where a walk stands, so that a path is spelled only when somebody needs it.
class Path {
 public:
  static constexpr std::int64_t kNoIndex = -1;

  // Steps are structs, which a plan nests no deeper than its levels.
  void push(const FieldPlan& field, std::int64_t index = kNoIndex) noexcept { steps_[count_++] = {&field, index}; }

  void pop() noexcept { --count_; }

  /// `passengers[0].name`, with `leaf` (and its index) as last step.
  [[nodiscard]] std::string spell(const FieldPlan& leaf, std::int64_t index = kNoIndex) const;
  [[nodiscard]] std::string spell() const;

 private:
  struct Step {
    const FieldPlan* field;
    std::int64_t index;
  };

  static void append(std::string& out, const FieldPlan& field, std::int64_t index);

  std::array<Step, kPayloadLevelsMax> steps_;
  std::size_t count_ = 0;
};

}  // namespace carnet::codec

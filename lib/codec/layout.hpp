// SPDX-License-Identifier: Apache-2.0
//
// Where the fields of schema/log.capnp stand in their structs, as the schema compiler lays them out: data words,
// pointers, and each field's offset in units of its own size. Fixed for ever, since the bytes are hashed. A test
// (tests/unit/codec_layout_test.cpp) holds every line equal to the compiled schema and misses none.
#pragma once

#include <cstdint>

namespace carnet::codec::layout {

/// A number or an enum (enums are u16). `index` counts in units of T.
template <class T>
struct Scalar {
  std::uint32_t index;
};

/// A text, a list, a struct: a place in the pointer section.
struct Pointer {
  std::uint32_t index;
};

struct CommitHeader {
  static constexpr std::uint16_t kDataWords = 11;
  static constexpr std::uint16_t kPointers = 2;
  static constexpr Scalar<std::uint64_t> kNumber{0};
  static constexpr Scalar<std::uint64_t> kFirstPosition{1};
  static constexpr Scalar<std::int64_t> kRecordedAt{2};
  static constexpr Scalar<std::uint64_t> kCommand0{3};
  static constexpr Scalar<std::uint64_t> kCommand1{4};
  static constexpr Scalar<std::uint64_t> kRequestDigest0{5};
  static constexpr Scalar<std::uint64_t> kRequestDigest1{6};
  static constexpr Scalar<std::uint64_t> kCausedBy{7};
  static constexpr Scalar<std::uint64_t> kSourcePosition{8};
  static constexpr Scalar<std::uint32_t> kSourceName{18};
  static constexpr Scalar<std::uint32_t> kRole{19};
  static constexpr Scalar<std::uint32_t> kChannel{20};
  static constexpr Scalar<std::uint16_t> kBasis{42};
  static constexpr Scalar<std::uint16_t> kActorKind{43};
  static constexpr Pointer kActorId{0};
  static constexpr Pointer kRules{1};
};

struct RuleVersion {
  static constexpr std::uint16_t kDataWords = 1;
  static constexpr std::uint16_t kPointers = 0;
  static constexpr Scalar<std::uint32_t> kFamily{0};
  static constexpr Scalar<std::uint32_t> kVersion{1};
};

struct Introduction {
  static constexpr std::uint16_t kDataWords = 1;
  static constexpr std::uint16_t kPointers = 2;
  static constexpr Scalar<std::uint32_t> kOrdinal{0};
  static constexpr Scalar<std::uint16_t> kWhich{2};  // the union's tag
  static constexpr Pointer kBlind{0};
  static constexpr Pointer kWhat{1};  // every member of the union

  // Tags of the union.
  static constexpr std::uint16_t kChain = 1;
  static constexpr std::uint16_t kType = 2;
  static constexpr std::uint16_t kAccount = 3;
  static constexpr std::uint16_t kUnit = 4;
  static constexpr std::uint16_t kCode = 5;
};

struct IntroducedChain {
  static constexpr std::uint16_t kDataWords = 1;
  static constexpr std::uint16_t kPointers = 1;
  static constexpr Scalar<std::uint16_t> kKind{0};
  static constexpr Pointer kName{0};
};

struct IntroducedType {
  static constexpr std::uint16_t kDataWords = 2;
  static constexpr std::uint16_t kPointers = 2;
  static constexpr Scalar<std::uint16_t> kRevision{0};
  static constexpr Scalar<std::uint16_t> kNature{1};
  static constexpr Scalar<std::uint64_t> kRoot{1};
  static constexpr Pointer kName{0};
  static constexpr Pointer kClosure{1};

  static constexpr std::uint16_t kFact = 1;
  static constexpr std::uint16_t kDerived = 2;
};

struct IntroducedAccount {
  static constexpr std::uint16_t kDataWords = 2;
  static constexpr std::uint16_t kPointers = 1;
  static constexpr Scalar<std::uint32_t> kUnit{0};
  static constexpr Scalar<std::uint16_t> kNormalSide{2};
  static constexpr Scalar<std::uint16_t> kLimit{3};
  static constexpr Scalar<std::uint32_t> kChart{2};
  static constexpr Pointer kPath{0};
};

struct IntroducedUnit {
  static constexpr std::uint16_t kDataWords = 1;
  static constexpr std::uint16_t kPointers = 1;
  static constexpr Scalar<std::uint8_t> kScale{0};
  static constexpr Pointer kName{0};
};

struct Event {
  static constexpr std::uint16_t kDataWords = 4;
  static constexpr std::uint16_t kPointers = 6;
  static constexpr Scalar<std::uint32_t> kType{0};
  static constexpr Scalar<std::uint16_t> kRevision{2};
  static constexpr Scalar<std::uint16_t> kCorrectsKind{3};
  static constexpr Scalar<std::uint64_t> kCorrectsPosition{1};
  static constexpr Scalar<std::int64_t> kOccurredAt{2};
  static constexpr Scalar<std::int64_t> kBookedAt{3};
  static constexpr Pointer kChains{0};
  static constexpr Pointer kFindings{1};
  static constexpr Pointer kDue{2};
  static constexpr Pointer kTransfers{3};
  static constexpr Pointer kBlind{4};
  static constexpr Pointer kPayload{5};
};

struct ChainLink {
  static constexpr std::uint16_t kDataWords = 2;
  static constexpr std::uint16_t kPointers = 0;
  static constexpr Scalar<std::uint64_t> kPrevious{0};
  static constexpr Scalar<std::uint32_t> kChain{2};
  static constexpr Scalar<std::uint32_t> kVersion{3};
};

struct Finding {
  static constexpr std::uint16_t kDataWords = 1;
  static constexpr std::uint16_t kPointers = 2;
  static constexpr Scalar<std::uint32_t> kCode{0};
  static constexpr Scalar<std::uint16_t> kSeverity{2};
  static constexpr Pointer kPath{0};
  static constexpr Pointer kArgs{1};
};

struct Argument {
  static constexpr std::uint16_t kDataWords = 0;
  static constexpr std::uint16_t kPointers = 2;
  static constexpr Pointer kName{0};
  static constexpr Pointer kText{1};
};

struct Due {
  static constexpr std::uint16_t kDataWords = 2;
  static constexpr std::uint16_t kPointers = 1;
  static constexpr Scalar<std::uint32_t> kRule{0};
  static constexpr Scalar<std::int64_t> kDue{1};
  static constexpr Pointer kSubject{0};
};

struct Transfer {
  static constexpr std::uint16_t kDataWords = 3;
  static constexpr std::uint16_t kPointers = 0;
  static constexpr Scalar<std::int64_t> kAmount{0};
  static constexpr Scalar<std::uint32_t> kDebit{2};
  static constexpr Scalar<std::uint32_t> kCredit{3};
  static constexpr Scalar<std::uint32_t> kRule{4};
  static constexpr Scalar<std::uint16_t> kUnit{10};
  static constexpr Scalar<std::uint16_t> kPhase{11};
};

}  // namespace carnet::codec::layout

// SPDX-License-Identifier: Apache-2.0
//
// Goal: the places of fields that the codec reads and writes by hand are those of the compiled schema, and none is
// missing. Method: each struct of log.capnp against a table of (field, place, width); a field without a row, or a row
// without a field, fails.
#undef BOOST_TEST_MODULE  // main() is in codec_messages_test.cpp
#include "codec/layout.hpp"

#include <carnet/schema/log.capnp.h>

#include <boost/test/unit_test.hpp>
#include <capnp/schema.h>

#include <map>
#include <string>

namespace carnet::codec {
namespace {

struct Place {
  std::uint32_t index = 0;
  std::uint32_t bits = 0;  // 0: a pointer

  friend bool operator==(const Place&, const Place&) = default;
};

std::ostream& operator<<(std::ostream& out, const Place& place) {
  return out << (place.bits == 0 ? "pointer " : "data ") << place.index << " width " << place.bits;
}

template <class T>
Place of(layout::Scalar<T> field) {
  return {field.index, sizeof(T) * 8};
}

Place of(layout::Pointer field) {
  return {field.index, 0};
}

std::uint32_t bits_of(capnp::schema::Type::Reader type) {
  switch (type.which()) {
    case capnp::schema::Type::UINT8:
    case capnp::schema::Type::INT8:
      return 8;
    case capnp::schema::Type::UINT16:
    case capnp::schema::Type::INT16:
    case capnp::schema::Type::ENUM:
      return 16;
    case capnp::schema::Type::UINT32:
    case capnp::schema::Type::INT32:
      return 32;
    case capnp::schema::Type::UINT64:
    case capnp::schema::Type::INT64:
      return 64;
    default:
      return 0;
  }
}

template <class Schema, class Layout>
void check(const std::map<std::string, Place>& expected) {
  const capnp::StructSchema schema = capnp::Schema::from<Schema>();
  const auto node = schema.getProto().getStruct();
  const std::string name = schema.getShortDisplayName().cStr();
  BOOST_TEST(node.getDataWordCount() == Layout::kDataWords, name);
  BOOST_TEST(node.getPointerCount() == Layout::kPointers, name);
  std::size_t seen = 0;
  for (const auto field : schema.getFields()) {
    const auto proto = field.getProto();
    const std::string field_name = proto.getName().cStr();
    const auto row = expected.find(field_name);
    BOOST_REQUIRE_MESSAGE(row != expected.end(), name << "." << field_name << " has no place in layout.hpp");
    const Place actual{proto.getSlot().getOffset(), bits_of(proto.getSlot().getType())};
    BOOST_TEST(row->second == actual, name << "." << field_name);
    BOOST_TEST(proto.getSlot().getHadExplicitDefault() == false, name << "." << field_name);
    ++seen;
  }
  BOOST_TEST(seen == expected.size(), name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layout_of_log_messages)

BOOST_AUTO_TEST_CASE(commit_header_is_that_of_the_schema) {
  using L = layout::CommitHeader;
  check<schema::CommitHeader, L>({{"number", of(L::kNumber)},
                                  {"firstPosition", of(L::kFirstPosition)},
                                  {"recordedAt", of(L::kRecordedAt)},
                                  {"command0", of(L::kCommand0)},
                                  {"command1", of(L::kCommand1)},
                                  {"requestDigest0", of(L::kRequestDigest0)},
                                  {"requestDigest1", of(L::kRequestDigest1)},
                                  {"causedBy", of(L::kCausedBy)},
                                  {"sourcePosition", of(L::kSourcePosition)},
                                  {"sourceName", of(L::kSourceName)},
                                  {"role", of(L::kRole)},
                                  {"channel", of(L::kChannel)},
                                  {"basis", of(L::kBasis)},
                                  {"actorKind", of(L::kActorKind)},
                                  {"actorId", of(L::kActorId)},
                                  {"rules", of(L::kRules)}});
  using R = layout::RuleVersion;
  check<schema::RuleVersion, R>({{"family", of(R::kFamily)}, {"version", of(R::kVersion)}});
}

BOOST_AUTO_TEST_CASE(introduction_is_that_of_the_schema) {
  using L = layout::Introduction;
  const capnp::StructSchema schema = capnp::Schema::from<schema::Introduction>();
  BOOST_TEST(schema.getProto().getStruct().getDiscriminantOffset() == L::kWhich.index);
  check<schema::Introduction, L>({{"ordinal", of(L::kOrdinal)},
                                  {"blind", of(L::kBlind)},
                                  {"unspecified", Place{}},
                                  {"chain", of(L::kWhat)},
                                  {"type", of(L::kWhat)},
                                  {"account", of(L::kWhat)},
                                  {"unit", of(L::kWhat)},
                                  {"code", of(L::kWhat)}});
  BOOST_TEST(static_cast<int>(schema::Introduction::CHAIN) == L::kChain);
  BOOST_TEST(static_cast<int>(schema::Introduction::TYPE) == L::kType);
  BOOST_TEST(static_cast<int>(schema::Introduction::ACCOUNT) == L::kAccount);
  BOOST_TEST(static_cast<int>(schema::Introduction::UNIT) == L::kUnit);
  BOOST_TEST(static_cast<int>(schema::Introduction::CODE) == L::kCode);

  using C = layout::IntroducedChain;
  check<schema::Introduction::Chain, C>({{"kind", of(C::kKind)}, {"name", of(C::kName)}});
  using T = layout::IntroducedType;
  check<schema::Introduction::Type, T>({{"name", of(T::kName)},
                                        {"revision", of(T::kRevision)},
                                        {"nature", of(T::kNature)},
                                        {"root", of(T::kRoot)},
                                        {"closure", of(T::kClosure)}});
  using A = layout::IntroducedAccount;
  check<schema::Introduction::Account, A>({{"path", of(A::kPath)},
                                           {"unit", of(A::kUnit)},
                                           {"normalSide", of(A::kNormalSide)},
                                           {"limit", of(A::kLimit)},
                                           {"chart", of(A::kChart)}});
  using U = layout::IntroducedUnit;
  check<schema::Introduction::Unit, U>({{"name", of(U::kName)}, {"scale", of(U::kScale)}});
}

BOOST_AUTO_TEST_CASE(event_is_that_of_the_schema) {
  using L = layout::Event;
  check<schema::Event, L>({{"type", of(L::kType)},
                           {"revision", of(L::kRevision)},
                           {"correctsKind", of(L::kCorrectsKind)},
                           {"correctsPosition", of(L::kCorrectsPosition)},
                           {"occurredAt", of(L::kOccurredAt)},
                           {"bookedAt", of(L::kBookedAt)},
                           {"chains", of(L::kChains)},
                           {"findings", of(L::kFindings)},
                           {"due", of(L::kDue)},
                           {"transfers", of(L::kTransfers)},
                           {"blind", of(L::kBlind)},
                           {"payload", of(L::kPayload)}});
  using C = layout::ChainLink;
  check<schema::ChainLink, C>({{"previous", of(C::kPrevious)}, {"chain", of(C::kChain)}, {"version", of(C::kVersion)}});
  using F = layout::Finding;
  check<schema::Finding, F>(
      {{"code", of(F::kCode)}, {"severity", of(F::kSeverity)}, {"path", of(F::kPath)}, {"args", of(F::kArgs)}});
  using A = layout::Argument;
  check<schema::Finding::Argument, A>({{"name", of(A::kName)}, {"text", of(A::kText)}});
  using D = layout::Due;
  check<schema::Due, D>({{"rule", of(D::kRule)}, {"due", of(D::kDue)}, {"subject", of(D::kSubject)}});
  using T = layout::Transfer;
  check<schema::Transfer, T>({{"amount", of(T::kAmount)},
                              {"debit", of(T::kDebit)},
                              {"credit", of(T::kCredit)},
                              {"rule", of(T::kRule)},
                              {"unit", of(T::kUnit)},
                              {"phase", of(T::kPhase)}});
}

BOOST_AUTO_TEST_CASE(natures_are_those_of_the_schema) {
  BOOST_TEST(static_cast<int>(schema::TypeNature::FACT) == layout::IntroducedType::kFact);
  BOOST_TEST(static_cast<int>(schema::TypeNature::DERIVED) == layout::IntroducedType::kDerived);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec

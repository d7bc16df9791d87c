// SPDX-License-Identifier: Apache-2.0
//
// Goal: the messages of a commit say what they were given, in Cap'n Proto's encoding, and readers refuse values that no
// writer of ours makes. Method: written here and read by the library's generated readers, built by the library and read
// here, and each field broken in turn.
#include "codec/messages.hpp"
#include "codec/payload_view.hpp"
#include "support/codec_samples.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>
#include <capnp/serialize.h>

#include <functional>

namespace carnet::codec {
namespace {

using test::words_of;
using wire::Words;

/// Reads words with the library. The words outlive it.
template <class T>
class LibraryReader {
 public:
  explicit LibraryReader(base::ByteSpan bytes)
      : segment_(reinterpret_cast<const capnp::word*>(bytes.data()), bytes.size() / 8),
        reader_(kj::arrayPtr(&segment_, 1)) {}

  typename T::Reader root() { return reader_.getRoot<T>(); }

 private:
  kj::ArrayPtr<const capnp::word> segment_;
  capnp::SegmentArrayMessageReader reader_;
};

Payload sample_payload() {
  capnp::MallocMessageBuilder builder;
  auto violation = builder.initRoot<schema::TrafficViolationCharged>();
  violation.setViolationId("V2024-000123");
  violation.setParty("account/A10293");
  violation.setAuthority("police");
  violation.initFine().setMinor(3500);
  return {words_of(builder)};
}

std::string_view text_of(capnp::Text::Reader text) {
  return {text.begin(), text.size()};
}

const ChainLink kLinks[] = {{.previous = 0, .chain = 7, .version = 1}, {.previous = 41, .chain = 9, .version = 3}};
const StoredTransfer kTransfers[] = {
    {.amount = 3500, .debit = 3, .credit = 4, .rule = 5, .unit = 1, .phase = Phase::kPosted},
    {.amount = INT64_MAX, .debit = 4000000000, .credit = 4, .rule = 0, .unit = 65535, .phase = Phase::kVoided}};
const Argument kArguments[] = {{.name = "stated", .text = "3"}, {.name = "summed", .text = "4"}};
const StoredFinding kFindings[] = {{.code = 11, .severity = Severity::kBreach, .path = "data.fine", .args = kArguments},
                                   {.code = 12, .severity = Severity::kInfo, .path = "", .args = {}}};
const StoredDue kDue[] = {{.rule = 13, .due = {1700000000000000000}, .subject = "violation/V1"}};

std::array<std::byte, 16> sixteen_bytes() {
  std::array<std::byte, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(i + 1);
  }
  return bytes;
}

/// A full event, then finish().
base::ByteSpan full_event(EventMessage& message) {
  message.prepare(sample_payload(), 2, {100}, {200}, {.position = 17, .kind = CorrectionKind::kReversal});
  message.set_type(21, 2);
  message.set_chain(0, kLinks[0]);
  message.set_chain(1, kLinks[1]);
  message.set_booked_at({300});
  message.set_findings(kFindings);
  message.set_due(kDue);
  message.set_transfers(kTransfers);
  message.set_blind(sixteen_bytes());
  return message.finish();
}

CommitHead sample_head(std::span<const RuleVersion> rules) {
  CommitHead head;
  head.number = 5;
  head.first_position = 6;
  head.recorded_at = {-7};
  head.command = sixteen_bytes();
  head.request_digest = sixteen_bytes();
  std::reverse(head.request_digest.begin(), head.request_digest.end());
  head.caused_by = 0;
  head.source_position = UINT64_MAX;
  head.source_name = 8;
  head.role = 9;
  head.channel = 10;
  head.basis = Basis::kReport;
  head.actor_kind = ActorKind::kPartner;
  head.actor_id = "S-1";
  head.rules = rules;
  return head;
}

Words words_copy(base::ByteSpan bytes) {
  Words words(bytes.size() / 8);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

/// A message that the library built, broken by `edit`, must be refused for `what`.
template <class T, class Reader>
void refuses(const std::function<void(typename T::Builder)>& fill, const std::function<void(typename T::Builder)>& edit,
             std::string_view what) {
  capnp::MallocMessageBuilder builder;
  auto root = builder.initRoot<T>();
  fill(root);
  Reader reader;
  {
    const Words words = words_of(builder);
    const auto whole = reader.read(wire::as_bytes(words));
    BOOST_REQUIRE_MESSAGE(whole.has_value(), what << ": the unbroken message is refused");
  }
  edit(root);
  const Words words = words_of(builder);
  const auto broken = reader.read(wire::as_bytes(words));
  BOOST_REQUIRE_MESSAGE(!broken.has_value(), what << ": the broken message is read");
  BOOST_TEST(broken.error().name() == "MessageDamaged");
  BOOST_TEST((broken.error().code() == ErrorCode::kCorruption));
  BOOST_TEST(broken.error().fact("what") == what);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(messages)

BOOST_AUTO_TEST_CASE(enums_have_the_numbers_of_the_schema) {
  const auto same = [](auto ours, auto theirs) { BOOST_TEST(static_cast<int>(ours) == static_cast<int>(theirs)); };
  same(Basis::kDecision, schema::Basis::DECISION);
  same(Basis::kReport, schema::Basis::REPORT);
  same(Basis::kHistory, schema::Basis::HISTORY);
  same(ActorKind::kStaff, schema::ActorKind::STAFF);
  same(ActorKind::kCustomer, schema::ActorKind::CUSTOMER);
  same(ActorKind::kDriver, schema::ActorKind::DRIVER);
  same(ActorKind::kSystem, schema::ActorKind::SYSTEM);
  same(ActorKind::kPartner, schema::ActorKind::PARTNER);
  same(CorrectionKind::kNone, schema::CorrectionKind::UNSPECIFIED);
  same(CorrectionKind::kCorrection, schema::CorrectionKind::CORRECTION);
  same(CorrectionKind::kReversal, schema::CorrectionKind::REVERSAL);
  same(Severity::kInfo, schema::Severity::INFO);
  same(Severity::kWarning, schema::Severity::WARNING);
  same(Severity::kBreach, schema::Severity::BREACH);
  same(ChainKind::kStream, schema::ChainKind::STREAM);
  same(ChainKind::kTag, schema::ChainKind::TAG);
  same(Phase::kPosted, schema::Phase::POSTED);
  same(Phase::kPending, schema::Phase::PENDING);
  same(Phase::kVoided, schema::Phase::VOIDED);
  same(NormalSide::kDebit, schema::NormalSide::DEBIT);
  same(NormalSide::kCredit, schema::NormalSide::CREDIT);
  same(AccountLimit::kNone, schema::AccountLimit::NONE);
  same(AccountLimit::kDebitsWithinCredits, schema::AccountLimit::DEBITS_WITHIN_CREDITS);
  same(AccountLimit::kCreditsWithinDebits, schema::AccountLimit::CREDITS_WITHIN_DEBITS);
}

BOOST_AUTO_TEST_CASE(header_is_read_by_the_library) {
  const RuleVersion rules[] = {{.family = 3, .version = 4}, {.family = 5, .version = 6}};
  Words words{99};
  const std::size_t count = encode_commit_head(sample_head(rules), words);
  BOOST_TEST(count + 1 == words.size());
  LibraryReader<schema::CommitHeader> reader(wire::as_bytes(words).subspan(8));
  const auto header = reader.root();
  BOOST_TEST(header.getNumber() == 5U);
  BOOST_TEST(header.getFirstPosition() == 6U);
  BOOST_TEST(header.getRecordedAt() == -7);
  BOOST_TEST(header.getCommand0() == 0x0807060504030201U);
  BOOST_TEST(header.getCommand1() == 0x100f0e0d0c0b0a09U);
  BOOST_TEST(header.getRequestDigest0() == 0x090a0b0c0d0e0f10U);
  BOOST_TEST(header.getRequestDigest1() == 0x0102030405060708U);
  BOOST_TEST(header.getCausedBy() == 1U);
  BOOST_TEST(header.getSourcePosition() == UINT64_MAX);
  BOOST_TEST(header.getSourceName() == 8U);
  BOOST_TEST(header.getRole() == 9U);
  BOOST_TEST(header.getChannel() == 10U);
  BOOST_TEST((header.getBasis() == schema::Basis::REPORT));
  BOOST_TEST((header.getActorKind() == schema::ActorKind::PARTNER));
  BOOST_TEST(text_of(header.getActorId()) == "S-1");
  BOOST_REQUIRE(header.getRules().size() == 2U);
  BOOST_TEST(header.getRules()[1].getFamily() == 5U);
  BOOST_TEST(header.getRules()[1].getVersion() == 6U);
}

BOOST_AUTO_TEST_CASE(header_round_trips) {
  const RuleVersion rules[] = {{.family = 3, .version = 4}};
  const CommitHead head = sample_head(rules);
  Words words;
  encode_commit_head(head, words);
  HeadReader reader;
  const auto read = reader.read(wire::as_bytes(words));
  BOOST_REQUIRE(read.has_value());
  const CommitHead& out = **read;
  BOOST_TEST(out.number == head.number);
  BOOST_TEST(out.first_position == head.first_position);
  BOOST_TEST(out.recorded_at.ns == head.recorded_at.ns);
  BOOST_TEST((out.command == head.command));
  BOOST_TEST((out.request_digest == head.request_digest));
  BOOST_TEST((out.caused_by == head.caused_by));
  BOOST_TEST(out.source_position == head.source_position);
  BOOST_TEST(out.source_name == head.source_name);
  BOOST_TEST(out.role == head.role);
  BOOST_TEST(out.channel == head.channel);
  BOOST_TEST((out.basis == head.basis));
  BOOST_TEST((out.actor_kind == head.actor_kind));
  BOOST_TEST(out.actor_id == head.actor_id);
  BOOST_REQUIRE(out.rules.size() == 1U);
  BOOST_TEST(out.rules[0].family == 3U);
  BOOST_TEST(out.rules[0].version == 4U);
}

BOOST_AUTO_TEST_CASE(header_without_cause_or_rules_round_trips) {
  CommitHead head = sample_head({});
  head.caused_by = std::nullopt;
  Words words;
  encode_commit_head(head, words);
  HeadReader reader;
  const auto read = reader.read(wire::as_bytes(words));
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(!(*read)->caused_by.has_value());
  BOOST_TEST((*read)->rules.empty());
}

BOOST_AUTO_TEST_CASE(header_with_a_value_of_no_writer_is_refused) {
  using H = schema::CommitHeader;
  const auto fill = [](H::Builder header) {
    header.setFirstPosition(1);
    header.setBasis(schema::Basis::DECISION);
    header.setActorKind(schema::ActorKind::STAFF);
    header.setActorId("S-1");
    header.initRules(1)[0].setFamily(1);
  };
  refuses<H, HeadReader>(
      fill, [](H::Builder h) { h.setFirstPosition(0); }, "firstPosition");
  refuses<H, HeadReader>(
      fill, [](H::Builder h) { h.setBasis(schema::Basis::UNSPECIFIED); }, "basis");
  refuses<H, HeadReader>(
      fill, [](H::Builder h) { h.setBasis(static_cast<schema::Basis>(4)); }, "basis");
  refuses<H, HeadReader>(
      fill, [](H::Builder h) { h.setBasis(static_cast<schema::Basis>(0xffff)); }, "basis");
  refuses<H, HeadReader>(
      fill, [](H::Builder h) { h.setActorKind(static_cast<schema::ActorKind>(6)); }, "actorKind");
  refuses<H, HeadReader>(
      fill, [](H::Builder h) { h.setActorKind(static_cast<schema::ActorKind>(0)); }, "actorKind");
  refuses<H, HeadReader>(
      fill, [](H::Builder h) { h.disownActorId(); }, "actorId");
  refuses<H, HeadReader>(
      fill, [](H::Builder h) { h.setActorId("\xff"); }, "actorId");
  refuses<H, HeadReader>(
      fill, [](H::Builder h) { h.getRules()[0].setFamily(0); }, "rules");
}

BOOST_AUTO_TEST_CASE(introductions_are_read_by_the_library_and_round_trip) {
  capnp::MallocMessageBuilder closure_builder;
  closure_builder.initRoot<schema::SchemaClosure>().initNodes(1)[0].setId(77);
  const Words closure = words_of(closure_builder);
  const auto blind = sixteen_bytes();
  const auto encoded = [&](const Introduction& introduction, Blind with) {
    Words words;
    const std::size_t count = encode_introduction(introduction, with, words);
    BOOST_TEST(count == words.size());
    return words;
  };
  IntroductionReader reader;
  {
    const Words words = encoded({1, ChainIntroduction{ChainKind::kTag, "rental/R1"}}, blind);
    LibraryReader<schema::Introduction> library(wire::as_bytes(words));
    BOOST_TEST(library.root().getOrdinal() == 1U);
    BOOST_TEST(library.root().getBlind().size() == 16U);
    BOOST_TEST(library.root().getBlind()[15] == 16U);
    BOOST_REQUIRE(library.root().isChain());
    BOOST_TEST(text_of(library.root().getChain().getName()) == "rental/R1");
    const auto read = reader.read(wire::as_bytes(words));
    BOOST_REQUIRE(read.has_value());
    const auto& chain = std::get<ChainIntroduction>((*read)->what);
    BOOST_TEST((*read)->ordinal == 1U);
    BOOST_TEST((chain.kind == ChainKind::kTag));
    BOOST_TEST(chain.name == "rental/R1");
  }
  {
    const Words words = encoded({2, TypeIntroduction{"QuoteIssued", 3, true, 77, closure}}, {});
    LibraryReader<schema::Introduction> library(wire::as_bytes(words));
    BOOST_TEST(!library.root().hasBlind());
    BOOST_REQUIRE(library.root().isType());
    BOOST_TEST(library.root().getType().getRevision() == 3U);
    BOOST_TEST((library.root().getType().getNature() == schema::TypeNature::DERIVED));
    BOOST_TEST(library.root().getType().getRoot() == 77U);
    BOOST_TEST(library.root().getType().getClosure().getNodes()[0].getId() == 77U);
    const auto read = reader.read(wire::as_bytes(words));
    BOOST_REQUIRE(read.has_value());
    const auto& type = std::get<TypeIntroduction>((*read)->what);
    BOOST_TEST(type.name == "QuoteIssued");
    BOOST_TEST(type.revision == 3U);
    BOOST_TEST(type.derived);
    BOOST_TEST(type.root == 77U);
    Words canonical(1);
    wire::copy_canonical(closure.data(), canonical, 0);
    BOOST_TEST(std::ranges::equal(type.closure, canonical));
  }
  {
    const Words words = encoded(
        {3, AccountIntroduction{"company/bank", 2, NormalSide::kCredit, AccountLimit::kCreditsWithinDebits, 9}}, {});
    LibraryReader<schema::Introduction> library(wire::as_bytes(words));
    BOOST_REQUIRE(library.root().isAccount());
    BOOST_TEST(library.root().getAccount().getChart() == 9U);
    const auto read = reader.read(wire::as_bytes(words));
    BOOST_REQUIRE(read.has_value());
    const auto& account = std::get<AccountIntroduction>((*read)->what);
    BOOST_TEST(account.path == "company/bank");
    BOOST_TEST(account.unit == 2U);
    BOOST_TEST((account.normal == NormalSide::kCredit));
    BOOST_TEST((account.limit == AccountLimit::kCreditsWithinDebits));
    BOOST_TEST(account.chart == 9U);
  }
  {
    const Words words = encoded({4, UnitIntroduction{"KWD", 3}}, {});
    const auto read = reader.read(wire::as_bytes(words));
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST(std::get<UnitIntroduction>((*read)->what).name == "KWD");
    BOOST_TEST(std::get<UnitIntroduction>((*read)->what).scale == 3U);
  }
  {
    const Words words = encoded({5, CodeIntroduction{"O-15"}}, blind);
    LibraryReader<schema::Introduction> library(wire::as_bytes(words));
    BOOST_TEST(text_of(library.root().getCode()) == "O-15");
    const auto read = reader.read(wire::as_bytes(words));
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST(std::get<CodeIntroduction>((*read)->what).text == "O-15");
  }
}

BOOST_AUTO_TEST_CASE(introduction_with_a_value_of_no_writer_is_refused) {
  using I = schema::Introduction;
  const auto chain = [](I::Builder intro) {
    intro.setOrdinal(1);
    auto it = intro.initChain();
    it.setKind(schema::ChainKind::STREAM);
    it.setName("rental/R1");
  };
  refuses<I, IntroductionReader>(
      chain, [](I::Builder i) { i.setOrdinal(0); }, "ordinal");
  refuses<I, IntroductionReader>(
      chain, [](I::Builder i) { i.initBlind(15); }, "blind");
  refuses<I, IntroductionReader>(
      chain, [](I::Builder i) { i.setUnspecified(); }, "kind of introduction");
  refuses<I, IntroductionReader>(
      chain, [](I::Builder i) { i.getChain().disownName(); }, "chain");
  refuses<I, IntroductionReader>(
      chain, [](I::Builder i) { i.getChain().setKind(static_cast<schema::ChainKind>(3)); }, "chain");
  const auto type = [](I::Builder intro) {
    intro.setOrdinal(1);
    auto it = intro.initType();
    it.setName("T");
    it.setRevision(1);
    it.setNature(schema::TypeNature::FACT);
    it.initClosure().initNodes(1)[0].setId(1);
  };
  refuses<I, IntroductionReader>(
      type, [](I::Builder i) { i.getType().setRevision(0); }, "type");
  refuses<I, IntroductionReader>(
      type, [](I::Builder i) { i.getType().setNature(schema::TypeNature::UNSPECIFIED); }, "type");
  refuses<I, IntroductionReader>(
      type, [](I::Builder i) { i.getType().disownClosure(); }, "type");
  refuses<I, IntroductionReader>(
      type, [](I::Builder i) { i.getType().disownName(); }, "type");
  const auto account = [](I::Builder intro) {
    intro.setOrdinal(1);
    auto it = intro.initAccount();
    it.setPath("a");
    it.setUnit(1);
    it.setNormalSide(schema::NormalSide::DEBIT);
  };
  refuses<I, IntroductionReader>(
      account, [](I::Builder i) { i.getAccount().setUnit(0); }, "account");
  refuses<I, IntroductionReader>(
      account, [](I::Builder i) { i.getAccount().setNormalSide(schema::NormalSide::UNSPECIFIED); }, "account");
  refuses<I, IntroductionReader>(
      account, [](I::Builder i) { i.getAccount().setLimit(static_cast<schema::AccountLimit>(3)); }, "account");
  const auto code = [](I::Builder intro) {
    intro.setOrdinal(1);
    intro.setCode("x");
  };
  refuses<I, IntroductionReader>(
      code, [](I::Builder i) { i.setCode("\xc3"); }, "code");
}

BOOST_AUTO_TEST_CASE(event_is_read_by_the_library) {
  EventMessage message;
  LibraryReader<schema::Event> reader(full_event(message));
  const auto event = reader.root();
  BOOST_TEST(event.getType() == 21U);
  BOOST_TEST(event.getRevision() == 2U);
  BOOST_TEST((event.getCorrectsKind() == schema::CorrectionKind::REVERSAL));
  BOOST_TEST(event.getCorrectsPosition() == 17U);
  BOOST_TEST(event.getOccurredAt() == 100);
  BOOST_TEST(event.getBookedAt() == 300);
  BOOST_REQUIRE(event.getChains().size() == 2U);
  BOOST_TEST(event.getChains()[1].getPrevious() == 41U);
  BOOST_TEST(event.getChains()[1].getChain() == 9U);
  BOOST_TEST(event.getChains()[1].getVersion() == 3U);
  BOOST_REQUIRE(event.getFindings().size() == 2U);
  BOOST_TEST(event.getFindings()[0].getCode() == 11U);
  BOOST_TEST((event.getFindings()[0].getSeverity() == schema::Severity::BREACH));
  BOOST_TEST(text_of(event.getFindings()[0].getPath()) == "data.fine");
  BOOST_REQUIRE(event.getFindings()[0].getArgs().size() == 2U);
  BOOST_TEST(text_of(event.getFindings()[0].getArgs()[1].getName()) == "summed");
  BOOST_TEST(text_of(event.getFindings()[0].getArgs()[1].getText()) == "4");
  BOOST_TEST(!event.getFindings()[1].hasPath());
  BOOST_TEST(!event.getFindings()[1].hasArgs());
  BOOST_REQUIRE(event.getDue().size() == 1U);
  BOOST_TEST(event.getDue()[0].getRule() == 13U);
  BOOST_TEST(event.getDue()[0].getDue() == 1700000000000000000);
  BOOST_TEST(text_of(event.getDue()[0].getSubject()) == "violation/V1");
  BOOST_REQUIRE(event.getTransfers().size() == 2U);
  BOOST_TEST(event.getTransfers()[1].getAmount() == INT64_MAX);
  BOOST_TEST(event.getTransfers()[1].getDebit() == 4000000000U);
  BOOST_TEST(event.getTransfers()[1].getUnit() == 65535U);
  BOOST_TEST((event.getTransfers()[1].getPhase() == schema::Phase::VOIDED));
  BOOST_TEST(event.getTransfers()[0].getCredit() == 4U);
  BOOST_TEST(event.getTransfers()[0].getRule() == 5U);
  BOOST_TEST(event.getBlind().size() == 16U);
  const auto payload = event.getPayload().getAs<schema::TrafficViolationCharged>();
  BOOST_TEST(text_of(payload.getViolationId()) == "V2024-000123");
  BOOST_TEST(payload.getFine().getMinor() == 3500);
}

BOOST_AUTO_TEST_CASE(event_round_trips) {
  EventMessage message;
  const base::ByteSpan bytes = full_event(message);
  EventReader reader;
  const auto read = reader.read(bytes);
  BOOST_REQUIRE(read.has_value());
  const StoredEvent& event = **read;
  BOOST_TEST(event.type == 21U);
  BOOST_TEST(event.revision == 2U);
  BOOST_TEST((event.corrects == Corrects{.position = 17, .kind = CorrectionKind::kReversal}));
  BOOST_TEST(event.occurred_at.ns == 100);
  BOOST_TEST(event.booked_at.ns == 300);
  BOOST_REQUIRE(event.chains.size() == 2U);
  BOOST_TEST(event.chains[1].previous == 41U);
  BOOST_TEST(event.chains[1].chain == 9U);
  BOOST_TEST(event.chains[1].version == 3U);
  BOOST_REQUIRE(event.transfers.size() == 2U);
  BOOST_TEST(event.transfers[0].amount == 3500);
  BOOST_TEST(event.transfers[1].debit == 4000000000U);
  BOOST_TEST(event.transfers[1].unit == 65535U);
  BOOST_TEST((event.transfers[1].phase == Phase::kVoided));

  const auto findings = reader.findings();
  BOOST_REQUIRE(findings.has_value());
  BOOST_REQUIRE(findings->size() == 2U);
  BOOST_TEST((*findings)[0].code == 11U);
  BOOST_TEST((*findings)[0].path == "data.fine");
  BOOST_REQUIRE((*findings)[0].args.size() == 2U);
  BOOST_TEST((*findings)[0].args[0].name == "stated");
  BOOST_TEST((*findings)[0].args[1].text == "4");
  BOOST_TEST((*findings)[1].path.empty());
  BOOST_TEST((*findings)[1].args.empty());

  const auto due = reader.due();
  BOOST_REQUIRE(due.has_value());
  BOOST_REQUIRE(due->size() == 1U);
  BOOST_TEST((*due)[0].rule == 13U);
  BOOST_TEST((*due)[0].subject == "violation/V1");

  wire::Struct payload;
  BOOST_REQUIRE(root_of(event.payload, payload));
  std::string_view party;
  BOOST_REQUIRE(wire::read_text(payload.pointer(1), party));
  BOOST_TEST(party == "account/A10293");
}

BOOST_AUTO_TEST_CASE(prepare_forgets_what_was_set_before) {
  EventMessage message;
  full_event(message);
  message.prepare(sample_payload(), 1, {1}, {2}, {});
  message.set_type(3, 1);
  message.set_chain(0, kLinks[0]);
  EventMessage fresh;
  fresh.prepare(sample_payload(), 1, {1}, {2}, {});
  fresh.set_type(3, 1);
  fresh.set_chain(0, kLinks[0]);
  BOOST_TEST(std::ranges::equal(message.finish(), fresh.finish()));
}

BOOST_AUTO_TEST_CASE(order_of_the_setters_does_not_show) {
  EventMessage message;
  const Words one = words_copy(full_event(message));
  EventMessage other;
  other.prepare(sample_payload(), 2, {100}, {300}, {.position = 17, .kind = CorrectionKind::kReversal});
  other.set_blind(sixteen_bytes());
  other.set_transfers(kTransfers);
  other.set_due({});
  other.set_findings(kFindings);
  other.set_due(kDue);
  other.set_chain(1, kLinks[1]);
  other.set_chain(0, kLinks[0]);
  other.set_type(21, 2);
  BOOST_TEST(std::ranges::equal(one, words_copy(other.finish())));
}

BOOST_AUTO_TEST_CASE(payload_view_survives_the_setters) {
  EventMessage message;
  message.prepare(sample_payload(), 2, {100}, {200}, {});
  const PayloadView view = message.payload();
  message.set_findings(kFindings);
  message.set_due(kDue);
  message.set_transfers(kTransfers);
  wire::Struct payload;
  BOOST_REQUIRE(root_of(view, payload));
  std::string_view id;
  BOOST_REQUIRE(wire::read_text(payload.pointer(0), id));
  BOOST_TEST(id == "V2024-000123");
}

BOOST_AUTO_TEST_CASE(same_payload_built_in_another_way_gives_the_same_bytes) {
  capnp::MallocMessageBuilder builder;
  auto violation = builder.initRoot<schema::TrafficViolationCharged>();
  violation.initFine().setMinor(3500);
  violation.setAuthority("something longer that is replaced");
  violation.setAuthority("police");
  violation.setParty("account/A10293");
  violation.setViolationId("V2024-000123");
  EventMessage one;
  one.prepare(sample_payload(), 1, {1}, {1}, {});
  EventMessage two;
  two.prepare({words_of(builder)}, 1, {1}, {1}, {});
  BOOST_TEST(std::ranges::equal(one.finish(), two.finish()));
}

BOOST_AUTO_TEST_CASE(words_that_are_no_message_give_no_payload) {
  EventMessage message;
  for (const Words& words : {Words{}, Words{0}, Words{2}, Words{0x0001000000000004U}, Words{1, 0}}) {
    message.prepare({words}, 1, {1}, {1}, {});
    BOOST_TEST(pointer_of(message.payload()) == nullptr);
    const Payload payload{words};
    BOOST_TEST(pointer_of(PayloadHolder(payload).view()) == nullptr);
  }
}

BOOST_AUTO_TEST_CASE(moved_event_message_goes_on) {
  EventMessage message;
  message.prepare(sample_payload(), 1, {1}, {1}, {});
  EventMessage other = std::move(message);
  other.set_chain(0, kLinks[0]);
  other.set_type(1, 1);
  EventReader reader;
  EventReader moved = std::move(reader);
  BOOST_TEST(moved.read(other.finish()).has_value());
}

BOOST_AUTO_TEST_CASE(event_with_a_value_of_no_writer_is_refused) {
  using E = schema::Event;
  const auto fill = [](E::Builder event) {
    event.setType(1);
    event.setRevision(1);
    auto chain = event.initChains(1)[0];
    chain.setChain(1);
    chain.setVersion(1);
    auto transfer = event.initTransfers(1)[0];
    transfer.setAmount(1);
    transfer.setDebit(1);
    transfer.setCredit(2);
    transfer.setUnit(1);
    transfer.setPhase(schema::Phase::POSTED);
    event.getPayload().initAs<schema::TrafficViolationCharged>().setViolationId("V1");
  };
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.setType(0); }, "type");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.setRevision(0); }, "type");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.setCorrectsKind(static_cast<schema::CorrectionKind>(3)); }, "corrects");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.setCorrectsKind(schema::CorrectionKind::REVERSAL); }, "corrects");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.setCorrectsPosition(3); }, "corrects");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.initChains(0); }, "chains");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.disownChains(); }, "chains");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getChains()[0].setChain(0); }, "chains");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getChains()[0].setVersion(0); }, "chains");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getTransfers()[0].setAmount(0); }, "transfers");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getTransfers()[0].setAmount(-1); }, "transfers");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getTransfers()[0].setDebit(0); }, "transfers");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getTransfers()[0].setCredit(0); }, "transfers");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getTransfers()[0].setUnit(0); }, "transfers");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getTransfers()[0].setPhase(schema::Phase::UNSPECIFIED); }, "transfers");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getTransfers()[0].setPhase(static_cast<schema::Phase>(0x0101)); }, "transfers");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.initBlind(8); }, "blind");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getPayload().clear(); }, "payload");
  refuses<E, EventReader>(
      fill, [](E::Builder e) { e.getPayload().setAs<capnp::Text>("x"); }, "payload");
}

BOOST_AUTO_TEST_CASE(findings_and_due_times_of_no_writer_are_refused) {
  const auto damaged_findings = [](const std::function<void(schema::Finding::Builder)>& edit) {
    capnp::MallocMessageBuilder builder;
    auto event = builder.initRoot<schema::Event>();
    event.setType(1);
    event.setRevision(1);
    event.initChains(1)[0].setChain(1);
    event.getChains()[0].setVersion(1);
    event.getPayload().initAs<schema::TrafficViolationCharged>();
    auto finding = event.initFindings(1)[0];
    finding.setCode(1);
    finding.setSeverity(schema::Severity::INFO);
    auto argument = finding.initArgs(1)[0];
    argument.setName("n");
    argument.setText("t");
    edit(finding);
    const Words words = words_of(builder);
    EventReader reader;
    BOOST_REQUIRE(reader.read(wire::as_bytes(words)).has_value());
    return !reader.findings().has_value();
  };
  BOOST_TEST(!damaged_findings([](auto) {}));
  BOOST_TEST(damaged_findings([](auto finding) { finding.setCode(0); }));
  BOOST_TEST(damaged_findings([](auto finding) { finding.setSeverity(schema::Severity::UNSPECIFIED); }));
  BOOST_TEST(damaged_findings([](auto finding) { finding.setSeverity(static_cast<schema::Severity>(4)); }));
  BOOST_TEST(damaged_findings([](auto finding) { finding.setPath("\xfe"); }));
  BOOST_TEST(damaged_findings([](auto finding) { finding.getArgs()[0].disownText(); }));
  BOOST_TEST(damaged_findings([](auto finding) { finding.getArgs()[0].disownName(); }));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_message_are_refused) {
  HeadReader heads;
  EventReader events;
  IntroductionReader introductions;
  alignas(8) const std::byte zeros[16]{};
  for (const base::ByteSpan bytes :
       {base::ByteSpan{}, base::ByteSpan(zeros), base::ByteSpan(zeros).first(7), base::ByteSpan(zeros).subspan(1, 8)}) {
    BOOST_TEST(!heads.read(bytes).has_value());
    BOOST_TEST(!events.read(bytes).has_value());
    BOOST_TEST(!introductions.read(bytes).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec

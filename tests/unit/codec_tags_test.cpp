// SPDX-License-Identifier: Apache-2.0
//
// Goal: payloads give the tags of the tag table and the codes of open lists, and typed code makes and reads the same
// payloads. Method: a rule table with every kind of rule over a type with every kind of field.
#undef BOOST_TEST_MODULE  // main() is in codec_messages_test.cpp
#include "codec/messages.hpp"
#include "codec/payload_type.hpp"
#include "codec/wire.hpp"
#include "support/payload_kinds.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace carnet::codec {
namespace {

using test::every_kind;
using test::must_create;
using test::optional_json;
using test::required_json;
using test::Sample;
using test::TypePtr;
using test::with;

}  // namespace

BOOST_AUTO_TEST_SUITE(payload_tags)

namespace {

constexpr std::string_view kBranchPayers[] = {"platform", "insurer", "collector"};
constexpr std::string_view kRed[] = {"red"};

constexpr TagRule rule(std::uint16_t row, std::string_view field, std::string_view family) {
  return {.field = field, .family = family, .marked = false, .when_field = {}, .when_values = {}, .row = row};
}

const TagRule kRules[] = {
    rule(1, "rentalId", "rental"),
    rule(2, "accountId", "account"),
    rule(2, "accounts", "account"),
    rule(3, "party", ""),
    rule(4, "violationId", "violation"),
    rule(5, "vehicleId", "vehicle"),
    rule(6, "paymentId", "payment"),
    {.field = "partnerId", .family = "partner", .marked = true, .when_field = {}, .when_values = {}, .row = 7},
    {.field = "payerId",
     .family = "partner",
     .marked = false,
     .when_field = "payer",
     .when_values = kBranchPayers,
     .row = 8},
    {.field = "text", .family = "colour", .marked = false, .when_field = "colour", .when_values = kRed, .row = 9},
    {.field = "text", .family = "channel", .marked = false, .when_field = "channel", .when_values = kRed, .row = 10},
    rule(11, "int64", "never"),
    rule(12, "collector", "never"),
};

std::vector<std::string> tags_of(const Sample& sample, std::span<const TagRule> rules = kRules) {
  std::vector<std::string> by_span{"kept"};
  sample.type().derive_tags(sample.view(), rules, by_span);
  std::vector<std::string> by_plan{"kept"};
  sample.type().derive_tags(sample.view(), sample.type().compile_tags(rules), by_plan);
  BOOST_TEST(by_span == by_plan, boost::test_tools::per_element());
  BOOST_TEST(by_plan.front() == "kept");
  by_plan.erase(by_plan.begin());
  return by_plan;
}

using Names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(fields_give_tags_wherever_they_stand) {
  const Names expected{"rental/R1", "account/A1", "account/A2", "external/X1", "vehicle/VEH1", "vehicle/VEH2"};
  const Names tags = tags_of(Sample(every_kind(), required_json()));
  BOOST_TEST(tags == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(marked_fields_give_tags_by_their_mark) {
  TagRule by_name = rule(12, "collector", "never");
  const Names tags = tags_of(Sample(every_kind(), optional_json()));
  BOOST_TEST((std::ranges::find(tags, "partner/EOS") != tags.end()));
  BOOST_TEST((std::ranges::find(tags, "never/EOS") != tags.end()));  // by name as well: row 12
  BOOST_TEST(by_name.row == 12U);
}

BOOST_AUTO_TEST_CASE(conditions_are_of_siblings) {
  const auto tags = [&](std::string_view colour, std::string_view channel) {
    std::string json = with(required_json(), "\"darkBlue\",\"text\"", "\"" + std::string(colour) + "\",\"text\"");
    json = with(json, "\"hotline\"", "\"" + std::string(channel) + "\"");
    json = with(json, R"("text":"Zoë \"q\" \\ \n\u0001 😀")", R"("text":"T")");
    Names all = tags_of(Sample(every_kind(), json));
    std::erase_if(all, [](const std::string& name) { return !name.ends_with("/T"); });
    return all;
  };
  BOOST_TEST(tags("darkBlue", "hotline").empty());
  BOOST_TEST(tags("red", "hotline") == Names{"colour/T"}, boost::test_tools::per_element());
  BOOST_TEST(tags("darkBlue", "red") == Names{"channel/T"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(enum_conditions_hold_for_each_value) {
  const TypePtr type = must_create<schema::PaymentReceived>();
  for (const auto& [payer, gives] : std::initializer_list<std::pair<const char*, bool>>{
           {"customer", false}, {"platform", true}, {"insurer", true}, {"collector", true}, {"other", false}}) {
    const Sample sample(
        type, R"({"paymentId":"P1","payer":")" + std::string(payer) +
                  R"(","payerId":"I1","purpose":"settlement","method":"m","amount":{"minor":1,"currency":"EUR"},)"
                  R"("deductions":[],"allocatedTo":[]})");
    const Names tags = tags_of(sample);
    BOOST_TEST((std::ranges::find(tags, "partner/I1") != tags.end()) == gives, payer);
  }
}

BOOST_AUTO_TEST_CASE(no_name_stands_twice_and_rows_come_in_order) {
  const TypePtr type = must_create<schema::PaymentReceived>();
  const Sample sample(
      type, R"({"paymentId":"P1","accountId":"A1","party":"account/A1","payer":"customer","purpose":"settlement",)"
            R"("method":"m","amount":{"minor":1,"currency":"EUR"},"deductions":[],"allocatedTo":[)"
            R"({"violationId":"V2","amount":{"minor":1,"currency":"EUR"}},)"
            R"({"violationId":"V10","amount":{"minor":1,"currency":"EUR"}},)"
            R"({"violationId":"V2","amount":{"minor":1,"currency":"EUR"}}]})");
  const Names expected{"account/A1", "violation/V10", "violation/V2", "payment/P1"};
  const Names tags = tags_of(sample);
  BOOST_TEST(tags == expected, boost::test_tools::per_element());
  // The same name in a lower row wins, whichever is met first.
  const TagRule late[] = {rule(9, "accountId", "account"), rule(3, "party", ""), rule(5, "paymentId", "payment")};
  const Names reordered{"account/A1", "payment/P1"};
  const Names late_tags = tags_of(sample, late);
  BOOST_TEST(late_tags == reordered, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_of_one_row_are_sorted_as_bytes_of_the_whole_name) {
  const TypePtr type = must_create<schema::PaymentReceived>();
  const Sample sample(type,
                      R"({"paymentId":"z","accountId":"a","party":"ab/c","payer":"customer","purpose":"settlement",)"
                      R"("method":"m","amount":{"minor":1,"currency":"EUR"},"deductions":[],"allocatedTo":[]})");
  const TagRule rules[] = {rule(1, "paymentId", "ab"), rule(1, "accountId", "a"), rule(1, "party", "")};
  const Names expected{"a/a", "ab/c", "ab/z"};
  const Names tags = tags_of(sample, rules);
  BOOST_TEST(tags == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_view_of_nothing_gives_no_tags) {
  std::vector<std::string> tags;
  every_kind()->derive_tags({}, kRules, tags);
  BOOST_TEST(tags.empty());
}

BOOST_AUTO_TEST_CASE(codes_of_open_lists_are_listed) {
  const Sample sample(every_kind(), required_json());
  std::vector<PayloadType::CodeUse> codes;
  sample.type().list_codes(sample.view(), codes);
  BOOST_REQUIRE(codes.size() == 3U);
  BOOST_TEST(codes[0].list == "channel");
  BOOST_TEST(codes[0].code == "hotline");
  BOOST_TEST(codes[0].path == "data.channel");
  BOOST_TEST(codes[2].list == "reason");
  BOOST_TEST(codes[2].code == "y");
  BOOST_TEST(codes[2].path == "data.parts[0].reasons[1]");
}

BOOST_AUTO_TEST_CASE(text_fields_are_read_by_name) {
  const Sample sample(every_kind(), required_json());
  BOOST_TEST(sample.type().text_field(sample.view(), "rentalId") == "R1");
  BOOST_TEST(sample.type().text_field(sample.view(), "maybeText").empty());
  BOOST_TEST(sample.type().text_field(sample.view(), "int64").empty());
  BOOST_TEST(sample.type().text_field(sample.view(), "texts").empty());
  BOOST_TEST(sample.type().text_field(sample.view(), "nothing").empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(typed)

BOOST_AUTO_TEST_CASE(specs_are_named_after_the_struct) {
  BOOST_TEST(event_type<schema::PaymentReceived>().name == "PaymentReceived");
}

BOOST_AUTO_TEST_CASE(payloads_are_made_and_read_in_place) {
  const Currency eur = *Currency::parse("EUR");
  const std::optional<std::uint32_t> odometer = 12'345;
  const std::optional<std::uint16_t> fuel;
  const EventDraft draft =
      make_event<schema::VehicleHandedOver>("rental/R1", {5}, [&](schema::VehicleHandedOver::Builder handed) {
        handed.setContractId("R1");
        handed.setVehicleId("VEH1");
        set_optional(odometer, [&] { return handed.initOdometer(); });
        set_optional(fuel, [&] { return handed.initFuel(); });
        set_box(handed.initPlannedReturn(), Timestamp{7});
      });
  BOOST_TEST(draft.stream == "rental/R1");
  BOOST_TEST(draft.type == "VehicleHandedOver");
  BOOST_TEST(draft.occurred_at.ns == 5);
  const PayloadHolder holder(draft.payload);
  const auto handed = payload_as<schema::VehicleHandedOver>(holder.view());
  BOOST_TEST(as_text(handed.getContractId()) == "R1");
  BOOST_TEST((to_optional(handed.hasOdometer(), handed.getOdometer()) == odometer));
  BOOST_TEST(!to_optional(handed.hasFuel(), handed.getFuel()).has_value());
  BOOST_TEST(handed.getPlannedReturn().getValue() == 7);

  const Payload paid = make_payload<schema::FinePaidToAuthority>([&](auto fine) {
    set_money(fine.initAmount(), {-3, eur});
  });
  const PayloadHolder paid_holder(paid);
  BOOST_TEST((to_money(payload_as<schema::FinePaidToAuthority>(paid_holder.view()).getAmount()) == Money{-3, eur}));
}

BOOST_AUTO_TEST_CASE(a_view_of_nothing_reads_as_absent) {
  const auto payment = payload_as<schema::PaymentReceived>({});
  BOOST_TEST(!payment.hasPaymentId());
  BOOST_TEST(payment.getAllocatedTo().size() == 0U);
}

BOOST_AUTO_TEST_CASE(large_payloads_are_one_segment) {
  const std::string large(100'000, 'x');
  const Payload payload = make_payload<schema::FineRefundedByAuthority>([&](auto fine) {
    fine.setReceipt(large);
    fine.setViolationId("V1");
  });
  BOOST_TEST(wire::validate(payload.words));
  BOOST_TEST(as_text(payload_as<schema::FineRefundedByAuthority>(PayloadHolder(payload).view()).getReceipt()) == large);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec

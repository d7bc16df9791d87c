// SPDX-License-Identifier: Apache-2.0
//
// Goal: completion and manual page name every verb and flag that `--help` does, and work in the programs that read
// them. Method: the flags are taken from each verb's own help; bash runs its script; groff, where it is installed,
// reads the page.
#include "cli/runner.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <sstream>

using carnet::test::Shell;

namespace {

std::map<std::string, std::set<std::string>> flags_by_verb(Shell& carnet) {
  static const std::regex verb(R"(^  ([a-z]+) {2,}.*$)");
  static const std::regex flag(R"(^  (--[a-z-]+).*$)");
  std::map<std::string, std::set<std::string>> out;
  std::istringstream general(carnet.expect(0, {"--help"}).out);
  for (std::string line; std::getline(general, line);) {
    if (std::smatch match; std::regex_match(line, match, verb)) {
      auto& flags = out[match[1]];
      std::istringstream help(carnet.expect(0, {match[1], "--help"}).out);
      for (std::string row; std::getline(help, row);) {
        if (std::smatch name; std::regex_match(row, name, flag)) {
          flags.insert(name[1]);
        }
      }
    }
  }
  return out;
}

/// What bash offers for `carnet WORDS` with the cursor behind the last one.
std::set<std::string> bash_offers(Shell& carnet, const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) {
    list += " '" + word + "'";
  }
  carnet.write("ask.sh", "compopt() { :; }\nsource ./carnet.bash\nCOMP_WORDS=(carnet" + list + ")\nCOMP_CWORD=" +
                             std::to_string(words.size()) + "\n_carnet\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
  const std::string run = "cd '" + carnet.path() + "' && bash ask.sh > offers";
  BOOST_REQUIRE(std::system(run.c_str()) == 0);
  std::set<std::string> out;
  std::istringstream offers(carnet.read("offers"));
  for (std::string line; std::getline(offers, line);) {
    if (!line.empty()) {
      out.insert(line);
    }
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_form_names_every_verb_and_flag) {
  Shell carnet;
  const auto verbs = flags_by_verb(carnet);
  BOOST_TEST(verbs.size() > 10U);
  BOOST_TEST(verbs.at("init").contains("--go-live"));
  const std::string zsh = carnet.expect(0, {"--describe", "zsh"}).out;
  std::string man = carnet.expect(0, {"--describe", "man"}).out;
  man = std::regex_replace(man, std::regex(R"(\\-)"), "-");
  carnet.write("carnet.bash", carnet.expect(0, {"--describe", "bash"}).out);
  const std::set<std::string> offered_verbs = bash_offers(carnet, {""});
  for (const auto& [verb, flags] : verbs) {
    BOOST_TEST(offered_verbs.contains(verb), verb);
    BOOST_TEST(zsh.find("\n    '" + verb + ":") != std::string::npos, verb);
    const std::size_t section = man.find("\n.SS carnet " + verb + " ");
    BOOST_TEST(section != std::string::npos, verb);
    const std::set<std::string> offered = bash_offers(carnet, {verb, "--"});
    for (const std::string& flag : flags) {
      BOOST_TEST(offered.contains(flag), verb + " " + flag);
      BOOST_TEST(zsh.find("'" + flag + "[") != std::string::npos, verb + " " + flag);
      BOOST_TEST(man.find(".B " + flag, section) != std::string::npos, verb + " " + flag);
    }
    BOOST_TEST(offered.contains("--json"));
  }
}

BOOST_AUTO_TEST_CASE(bash_completes_verbs_flags_and_choices) {
  Shell carnet;
  carnet.write("carnet.bash", carnet.expect(0, {"--describe", "bash"}).out);
  BOOST_TEST((bash_offers(carnet, {"bal"}) == std::set<std::string>{"balances"}));
  BOOST_TEST((bash_offers(carnet, {"--json", "ver"}) == std::set<std::string>{"verify"}));
  BOOST_TEST((bash_offers(carnet, {"import", "L", "F", "--on-refusal", ""}) == std::set<std::string>{"skip", "stop"}));
  BOOST_TEST((bash_offers(carnet, {"balances", "L", "--by", "m"}) == std::set<std::string>{"month"}));
  BOOST_TEST(bash_offers(carnet, {"balances", "L", "--limit", ""}).empty());
}

BOOST_AUTO_TEST_CASE(the_manual_page_is_sound_roff) {
  Shell carnet;
  const std::string man = carnet.expect(0, {"--describe", "man"}).out;
  BOOST_TEST(man.rfind(".TH CARNET 1 ", 0) == 0U);
  carnet.write("carnet.1", man);
  if (std::system("command -v groff > /dev/null 2>&1") != 0) {
    return;
  }
  const std::string run =
      "groff -man -ww -W break -z -Tutf8 '" + carnet.at("carnet.1") + "' > '" + carnet.at("out") + "' 2>&1";
  BOOST_TEST(std::system(run.c_str()) == 0);
  BOOST_TEST(carnet.read("out") == "");
}

// SPDX-License-Identifier: Apache-2.0
#include "cli/runner.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <regex>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace carnet::test {

namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<char*> pointers(Words& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (std::string& word : words) {
    out.push_back(word.data());
  }
  out.push_back(nullptr);
  return out;
}

struct Files {
  std::string in;
  int in_descriptor = -1;  ///< Instead of `in`.
  int close_in_child = -1;
  std::string out;
  std::string err;
};

pid_t spawn(const Files& files, const std::string& folder, Words words, const Words& environment) {
  words.insert(words.begin(), CARNET_COMMAND);
  Words variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    // A terminal's width and the tester's zone must not show in golden outputs.
    if (std::string_view(*variable).rfind("COLUMNS=", 0) != 0 && std::string_view(*variable).rfind("TZ=", 0) != 0) {
      variables.emplace_back(*variable);
    }
  }
  variables.insert(variables.end(), environment.begin(), environment.end());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr mode_t kMode = 0600;
  if (files.in_descriptor >= 0) {
    posix_spawn_file_actions_adddup2(&actions, files.in_descriptor, STDIN_FILENO);
    posix_spawn_file_actions_addclose(&actions, files.in_descriptor);
    posix_spawn_file_actions_addclose(&actions, files.close_in_child);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, files.in.c_str(), O_RDONLY, 0);
  }
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, files.out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, kMode);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, files.err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, kMode);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  pid_t process = -1;
  const int failed =
      ::posix_spawn(&process, CARNET_COMMAND, &actions, nullptr, pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  BOOST_REQUIRE_EQUAL(failed, 0);
  return process;
}

void settle(pid_t process, Ran& ran) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) {
    ran.exit = WEXITSTATUS(status);
  } else {
    ran.signal = WTERMSIG(status);
  }
}

std::string command_line(const Words& words) {
  std::string out = "carnet";
  for (const std::string& word : words) {
    out += " " + word;
  }
  return out;
}

rapidjson::Document parse(const std::string& line) {
  rapidjson::Document out;
  out.Parse<rapidjson::kParseFullPrecisionFlag>(line.data(), line.size());
  BOOST_CHECK_MESSAGE(!out.HasParseError(), "no JSON: " << line);
  return out;
}

}  // namespace

std::vector<rapidjson::Document> Ran::lines() const {
  std::vector<rapidjson::Document> all;
  std::istringstream in(out);
  for (std::string line; std::getline(in, line);) {
    all.push_back(parse(line));
  }
  return all;
}

rapidjson::Document Ran::json() const {
  std::string last = out;
  while (!last.empty() && last.back() == '\n') {
    last.pop_back();
  }
  const std::size_t end = last.rfind('\n');
  rapidjson::Document document = parse(end == std::string::npos ? last : last.substr(end + 1));
  BOOST_REQUIRE_MESSAGE(document.IsObject(), "stdout ends with no object: " << out);
  return document;
}

Ran Shell::operator()(const Words& words, RunOptions options) {
  const std::string number = std::to_string(++runs_);
  Files files;
  files.in = options.in.empty() ? "/dev/null" : at("stdin." + number);
  if (!options.in.empty()) {
    write("stdin." + number, options.in);
  }
  files.out = options.out.empty() ? at("stdout." + number) : options.out;
  files.err = at("stderr." + number);
  Ran ran;
  settle(spawn(files, options.folder.empty() ? path() : options.folder, words, options.environment), ran);
  ran.out = options.out.empty() ? read_file(files.out) : std::string();
  ran.err = read_file(files.err);
  return ran;
}

Ran Shell::expect(int exit, const Words& words, RunOptions options) {
  Ran ran = (*this)(words, std::move(options));
  BOOST_REQUIRE_MESSAGE(ran.exit == exit, command_line(words) << "\nended with " << ran.exit << " (signal "
                                                              << ran.signal << "), not " << exit << "\nstderr: "
                                                              << ran.err << "stdout: " << ran.out.substr(0, 2000));
  return ran;
}

void Shell::write(std::string_view name, std::string_view bytes) const {
  std::ofstream out(at(name), std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  BOOST_REQUIRE(out.good());
}

std::string Shell::read(std::string_view name) const {
  return read_file(at(name));
}

Background::Background(const Shell& shell, const Words& words)
    : out_(shell.at("background.stdout")), err_(shell.at("background.stderr")) {
  int ends[2] = {-1, -1};
  BOOST_REQUIRE_EQUAL(::pipe(ends), 0);
  ::fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  input_ = ends[1];
  Files files;
  files.in_descriptor = ends[0];
  files.close_in_child = ends[1];
  files.out = out_;
  files.err = err_;
  process_ = spawn(files, shell.path(), words, {});
  ::close(ends[0]);
}

Background::~Background() {
  close_input();
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    static_cast<void>(wait());
  }
}

void Background::feed(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(input_, text.data(), text.size());
    BOOST_REQUIRE_GT(written, 0);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Background::close_input() {
  if (input_ >= 0) {
    ::close(input_);
    input_ = -1;
  }
}

void Background::send(int signal) const {
  BOOST_REQUIRE_EQUAL(::kill(process_, signal), 0);
}

Ran Background::wait() {
  Ran ran;
  settle(process_, ran);
  process_ = -1;
  ran.out = read_file(out_);
  ran.err = read_file(err_);
  return ran;
}

std::string sample(std::string_view name) {
  const std::string path = std::string(CARNET_TEST_FOLDER "/cli/data/") + std::string(name);
  std::string text = read_file(path);
  BOOST_REQUIRE_MESSAGE(!text.empty(), "missing: " << path);
  return text;
}

std::string steady(std::string text) {
  static const std::regex kHash("[0-9a-f]{64}");
  static const std::regex kId("\\b[0-9a-f]{32}\\b");
  static const std::regex kNow("20(2[6-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})");
  text = std::regex_replace(text, kHash, "<hash>");
  text = std::regex_replace(text, kId, "<id>");
  return std::regex_replace(text, kNow, "<now>");
}

void check_golden(std::string_view name, const std::string& text) {
  const std::string path = std::string(CARNET_TEST_FOLDER "/cli/golden/") + std::string(name);
  const std::string got = steady(text);
  if (std::getenv("CARNET_UPDATE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe): one thread
    std::ofstream(path, std::ios::binary) << got;
    return;
  }
  BOOST_CHECK_MESSAGE(read_file(path) == got, name << " differs from what the command prints:\n" << got);
}

std::string text_of(const rapidjson::Value& object, const char* key) {
  const auto member = object.FindMember(key);
  BOOST_CHECK_MESSAGE(member != object.MemberEnd() && member->value.IsString(), "no text " << key);
  return member != object.MemberEnd() && member->value.IsString() ? member->value.GetString() : std::string();
}

std::int64_t number_of(const rapidjson::Value& object, const char* key) {
  const auto member = object.FindMember(key);
  BOOST_CHECK_MESSAGE(member != object.MemberEnd() && member->value.IsInt64(), "no number " << key);
  return member != object.MemberEnd() && member->value.IsInt64() ? member->value.GetInt64() : -1;
}

}  // namespace carnet::test

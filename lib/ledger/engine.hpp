// SPDX-License-Identifier: Apache-2.0
//
// Engine: the Ledger over two databases in a folder. Holds the parts together, in the order in which they depend on one
// another.
#pragma once

#include "base/files.hpp"
#include "ledger/build.hpp"
#include "ledger/catch_up.hpp"
#include "ledger/metrics.hpp"
#include "ledger/prepare.hpp"
#include "ledger/sequencer.hpp"
#include "ledger/state.hpp"
#include "seal/key_ring.hpp"
#include "store/floor.hpp"
#include "store/local_log.hpp"
#include "store/views_db.hpp"

#include <carnet/ledger.hpp>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

namespace carnet::ledger {

class Engine final : public Ledger {
 public:
  [[nodiscard]] static Result<Opened> open(const std::filesystem::path& folder, const Domain* domain,
                                           const OpenOptions& options);

  Engine(std::filesystem::path folder, const Domain* domain, const OpenOptions& options);
  ~Engine() override;

  [[nodiscard]] Result<Outcome> append(const Request& request) override;
  [[nodiscard]] std::vector<Result<Outcome>> append_batch(std::span<const Request> requests, BatchMode mode) override;
  [[nodiscard]] std::unique_ptr<Ticket> append_async(Request request) override;
  [[nodiscard]] Result<DryRun> decide(const Request& request) override;
  [[nodiscard]] Result<std::optional<Receipt>> receipt(std::string_view command) override;
  [[nodiscard]] Result<std::uint64_t> source_position(std::string_view source) override;
  void accept_clock() override;
  [[nodiscard]] Head head() override;
  [[nodiscard]] std::uint64_t durable_position() override;
  [[nodiscard]] Result<std::unique_ptr<View>> view() override;
  [[nodiscard]] Result<std::unique_ptr<Subscription>> subscribe(const SubscribeOptions& options) override;
  [[nodiscard]] Status catch_up() override;
  [[nodiscard]] Result<Outcome> create_subject_key(std::string_view account, std::string_view data_class,
                                                   const Request& envelope) override;
  [[nodiscard]] Status checkpoint(std::stop_token stop) override;
  [[nodiscard]] Result<VerifyReport> verify(const std::function<void(const VerifyProgress&)>& progress,
                                            std::stop_token stop) override;
  [[nodiscard]] Result<RebuildReport> rebuild(const RebuildOptions& options,
                                              const std::function<void(const RebuildProgress&)>& progress,
                                              std::stop_token stop) override;
  [[nodiscard]] std::vector<ProjectionStatus> projections() override;
  [[nodiscard]] Status wait_for(std::string_view projection, std::uint64_t position, std::chrono::milliseconds timeout,
                                std::stop_token stop) override;
  [[nodiscard]] Status restart_projection(std::string_view projection, bool skip_event) override;
  [[nodiscard]] Result<std::vector<Fact>> stats() override;

  [[nodiscard]] const Domain* domain() const override { return domain_; }

  [[nodiscard]] Status close() override;

  // For views, subscriptions and verification.
  [[nodiscard]] State& state() noexcept { return *state_; }

  [[nodiscard]] store::LocalLog& log() noexcept { return *log_; }

  [[nodiscard]] std::shared_mutex& publish_mutex() noexcept { return publish_mutex_; }

  [[nodiscard]] std::span<const std::shared_ptr<const Projection>> host_projections() const noexcept {
    return options_.projections;
  }

  /// Null while the ledger is being opened.
  [[nodiscard]] CatchUp* followers() noexcept { return catch_up_.get(); }

  [[nodiscard]] State::FrameLoader frame_loader();
  /// Blocks until the head lies beyond `position`, `until` passed or `stop` was asked for.
  void wait_for_head(std::uint64_t position, std::chrono::steady_clock::time_point until, const std::stop_token& stop);
  void check_process() const;

 private:
  struct Budget;

  [[nodiscard]] Status create_folder();
  [[nodiscard]] Status create(OpenReport& report);
  [[nodiscard]] Status create_again(OpenReport& report);
  [[nodiscard]] Status open_writer(OpenReport& report);
  [[nodiscard]] Status open_reader(OpenReport& report);
  [[nodiscard]] Status open_floor(bool& both_lost);
  [[nodiscard]] Status open_views();
  [[nodiscard]] Status recreate_views(OpenReport& report);
  [[nodiscard]] Status load_state(OpenReport& report);
  [[nodiscard]] Status fold_tail(OpenReport& report);
  [[nodiscard]] Status start(OpenReport& report);
  [[nodiscard]] Status write_genesis();
  [[nodiscard]] Status check_genesis();
  [[nodiscard]] Error log_truncated(std::uint64_t floor) const;
  [[nodiscard]] Status accept_loss(const store::FloorMark& lost, bool both_lost, OpenReport& report);
  [[nodiscard]] Result<seal::KeyRing*> keys(bool create);
  [[nodiscard]] Result<Outcome> append_with_keys(const Request& request);
  [[nodiscard]] Result<Outcome> append_core(std::string command, std::string stream, std::string type,
                                            const std::string& json, const Request& envelope);
  [[nodiscard]] Status settle_prepared_keys();
  void background(const std::stop_token& stop);
  [[nodiscard]] std::uint64_t head_position();
  [[nodiscard]] bool checkpoint_due();
  /// Under the checkpoint mutex, or while nobody else is there.
  [[nodiscard]] Status publish_checkpoint();
  void collect_garbage(store::ViewBatch& batch, std::vector<IdRange>& erased);
  [[nodiscard]] Status open_projections(OpenReport& report);
  [[nodiscard]] std::vector<const Projection*> find_projections(std::string_view name) const;
  [[nodiscard]] Status build_up(Build& build, const RebuildOptions& options,
                                const std::function<void(const RebuildProgress&)>& progress,
                                const std::stop_token& stop);
  [[nodiscard]] Status build_pass(Build& build, std::uint64_t up_to_at_most, const RebuildOptions& options,
                                  const std::function<void(const RebuildProgress&)>& progress,
                                  const std::stop_token& stop);
  [[nodiscard]] Status publish_build(Build& build);
  [[nodiscard]] Status switch_over(Build& build, const RebuildOptions& options, RebuildReport& report,
                                   const std::stop_token& stop);
  [[nodiscard]] Status switch_now(Build& build, const RebuildOptions& options, RebuildReport& report,
                                  const std::stop_token& stop);
  [[nodiscard]] Result<RebuildReport> rebuild_some(std::span<const Projection* const> projections,
                                                   const RebuildOptions& options,
                                                   const std::function<void(const RebuildProgress&)>& progress,
                                                   const std::stop_token& stop);
  void say(LogLevel level, const std::string& line) const;
  [[nodiscard]] Error read_only_error() const;

  std::filesystem::path folder_;
  const Domain* domain_;
  OpenOptions options_;
  std::filesystem::path scratch_;  // read-only: this process's own folder
  std::uint64_t process_ = 0;

  std::optional<base::FolderLock> lock_;
  std::optional<store::Floor> floor_;
  std::unique_ptr<store::LocalLog> log_;
  std::unique_ptr<store::ViewsDb> views_;
  std::unique_ptr<State> state_;
  std::unique_ptr<CatchUp> catch_up_;
  std::mutex rebuild_mutex_;          // one rebuild at a time
  Build* published_build_ = nullptr;  // under the checkpoint mutex: its pages go into the checkpoint being made
  std::stop_source stopping_;         // long work of this ledger ends
  Digest16 ledger_id_{};

  std::mutex keys_mutex_;
  std::shared_ptr<KeyProvider> key_provider_;
  std::unique_ptr<seal::KeyStore> key_store_;
  std::unique_ptr<seal::KeyRing> key_ring_;

  LatencyHistogram append_latency_;
  std::shared_mutex publish_mutex_;
  std::unique_ptr<Preparer> preparer_;
  std::unique_ptr<Sequencer> sequencer_;

  std::mutex checkpoint_mutex_;                        // one checkpoint or sealing at a time
  std::atomic<std::uint64_t> checkpoint_position_{0};  // written under checkpoint_mutex_, read anywhere
  std::mutex head_mutex_;
  std::condition_variable_any head_moved_;
  std::mutex background_mutex_;
  std::condition_variable_any background_wake_;
  std::jthread background_;
  bool closed_ = false;
  std::mutex close_mutex_;
};

}  // namespace carnet::ledger

// SPDX-License-Identifier: Apache-2.0
#include "navigation/theatre/room_process.h"

#include <cmath>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "data/error.h"
#include "navigation/igtl_server.h"
#include "navigation/igtl_theatre.h"
#include "navigation/theatre/room_wire.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

igtl::Matrix34 wire_matrix(const Eigen::Isometry3d& pose) { return igtl::to_matrix34(pose.matrix()); }

class Room {
public:
    Room(const RoomOptions& options, Theatre& theatre) : options_(options), theatre_(theatre), server_(options.port) {
        read_counters();
    }

    std::uint16_t port() const { return server_.port(); }

    void run() {
        if (!server_.wait_for_client(patience())) return;
        welcome();
        for (;;) {
            while (const auto received = server_.receive(0ms)) handle(received->message);
            if (server_.clients() == 0) {
                theatre_.release();
                lock_step_ = false;
                write_counters();
                if (revealed_ || !server_.wait_for_client(patience())) return;
                welcome();
                continue;
            }
            if (!lock_step_ && steady_now() < free_from_) {
                if (const auto received = server_.receive(20ms)) handle(received->message);
                continue;
            }
            if (!hold_for_answer()) continue;
            keep_pace();
            step();
        }
    }

private:
    std::chrono::milliseconds patience() const {
        return std::chrono::milliseconds(std::lround(1000.0 * options_.linger_s));
    }

    // Somebody is here. Time stood still meanwhile; frames run at the camera's rate from now on, but only after a
    // moment in which a program may say Hello: a frame drawn before it would depend on how fast that came.
    void welcome() {
        first_frame_ = theatre_.frames();
        free_from_ = steady_now() + 500ms;
        started_ = free_from_;
    }

    void handle(const igtl::Message& message) {
        const auto* text = std::get_if<igtl::TextData>(&message.content);
        if (text == nullptr) return;
        if (message.device == "Hello") {
            const auto hello = nlohmann::json::parse(text->text, nullptr, false);
            pace_ = hello.is_object() ? hello.value("pace", 1.0) : 1.0;
            lock_step_ = true;
            first_frame_ = theatre_.frames();
            answered_.reset();
            asked_.clear();
            acting_on_ = {};
            // A new program reads the screen: what the one before it had asked for is over. It may have come before
            // the loss of the other was seen, so this cannot be left to that.
            theatre_.release();
            send_text(kCounterDevice, std::to_string(theatre_.truth().delivered), 0.0);
            started_ = steady_now();
        } else if (message.device == "Seen") {
            const SeenFrame seen = seen_from_wire(text->text);
            const double frames = (seen.frame_time_s - Theatre::kClockStartS) * theatre_.options().frame_rate_hz;
            answered_ = static_cast<std::uint64_t>(std::llround(frames));
            asked_.push_back({*answered_, seen.instruction});
        } else if (message.device == "Reveal") {
            revealed_ = true;
            // At the last frame the program answered: how far the room ran ahead of it depends on the machine.
            send_text("Truth", to_wire(theatre_.truth(answered_)), 0.0);
        }
    }

    // In lock step: waits for the answer to the frame one reaction time ago. False when something else came first.
    bool hold_for_answer() {
        if (!lock_step_) return true;
        const std::uint64_t next = theatre_.frames();
        const std::uint64_t reaction = theatre_.reaction_frames();
        if (next < first_frame_ + reaction) return true;
        if (answered_ && *answered_ + reaction >= next) return true;
        if (const auto received = server_.receive(200ms)) handle(received->message);
        return false;
    }

    // What the technician acts on now: the newest answer at least one reaction time old.
    Instruction asked_now() {
        if (!lock_step_) return {};
        const std::uint64_t next = theatre_.frames();
        while (!asked_.empty() && asked_.front().first + theatre_.reaction_frames() <= next) {
            acting_on_ = asked_.front().second;
            asked_.pop_front();
        }
        return acting_on_;
    }

    void keep_pace() const {
        const double pace = lock_step_ ? pace_ : 1.0;
        if (pace <= 0.0) return;
        const double due_s =
            static_cast<double>(theatre_.frames() - first_frame_) / (pace * theatre_.options().frame_rate_hz);
        std::this_thread::sleep_until(started_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                     std::chrono::duration<double>(due_s)));
    }

    void step() {
        const RoomFrame frame = theatre_.step(asked_now());
        // Counted before it is told: whoever is ended in between must not have told of a pulse that it never counted.
        if (!frame.triggers.empty()) write_counters();
        for (const Trigger& trigger : frame.triggers) server_.send(write_trigger(trigger));
        for (const EmgSweep& sweep : frame.sweeps) server_.send(write_sweep(sweep, frame.time_s));
        igtl::TrackingData tools;
        if (frame.head.visible())
            tools.tools.push_back({"Head", 1, wire_matrix(frame.head.tracker_from_tool.isometry())});
        if (frame.stylus.visible()) {
            tools.tools.push_back({"Stylus", 1, wire_matrix(frame.stylus.tracker_from_tool.isometry())});
        }
        if (frame.coil.visible())
            tools.tools.push_back({"Coil", 1, wire_matrix(frame.coil.tracker_from_tool.isometry())});
        igtl::Message message;
        message.device = "Tracker";
        message.stamp = igtl::stamp_from_seconds(frame.time_s);
        message.content = std::move(tools);
        server_.send(message);
    }

    void send_text(const std::string& device, const std::string& text, double time_s) {
        igtl::Message message;
        message.device = device;
        message.stamp = igtl::stamp_from_seconds(time_s);
        message.content = igtl::TextData{text};
        server_.send(message);
    }

    void read_counters() {
        if (options_.counter_file.empty()) return;
        std::ifstream in(options_.counter_file);
        std::uint64_t delivered = 0;
        std::uint64_t in_trains = 0;
        if (in >> delivered >> in_trains) theatre_.set_counters(delivered, in_trains);
    }
    void write_counters() const {
        if (options_.counter_file.empty()) return;
        const HiddenTruth truth = theatre_.truth();
        // Beside and renamed: half a counter would count from nothing.
        std::filesystem::path part = options_.counter_file;
        part += ".part";
        std::ofstream(part) << truth.delivered << ' ' << truth.delivered_in_trains << '\n';
        std::error_code ignored;
        std::filesystem::rename(part, options_.counter_file, ignored);
    }

    const RoomOptions& options_;
    Theatre& theatre_;
    IgtlServer server_;
    bool lock_step_ = false;
    bool revealed_ = false;
    double pace_ = 1.0;
    std::uint64_t first_frame_ = 0;
    SteadyTime started_{};
    SteadyTime free_from_{};
    std::optional<std::uint64_t> answered_;
    std::deque<std::pair<std::uint64_t, Instruction>> asked_;
    Instruction acting_on_;
};

}  // namespace

int run_room(const RoomOptions& options) {
    const HeadModel head = prepare_head(options.t1, options.cache_dir);
    const SurfaceIndex scalp(head.scalp);
    Theatre theatre(head, scalp, options.theatre);
    Room room(options, theatre);
    if (options.port_file.empty()) {
        std::printf("The simulated room listens at igtl://127.0.0.1:%u\n", static_cast<unsigned>(room.port()));
        std::fflush(stdout);
    } else {
        const std::filesystem::path part = options.port_file.string() + ".part";
        std::ofstream(part) << room.port() << '\n';
        std::filesystem::rename(part, options.port_file);
    }
    room.run();
    if (!options.port_file.empty()) {
        std::error_code ignored;
        std::filesystem::remove(options.port_file, ignored);
    }
    return 0;
}

}  // namespace precentral

// SPDX-License-Identifier: Apache-2.0
#include "navigation/pose_broadcast.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <variant>

#include "navigation/igtl_server.h"
#include "navigation/tool_names.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kOk = 1;
constexpr std::uint16_t kNotReady = 13;
constexpr std::size_t kDeviceWidth = 20;
// The thread sends at once; so many waiting means it does not run, and the oldest are of no use then.
constexpr std::size_t kMostWaiting = 64;

struct ToolsOut {
    double device_time_s = 0.0;
    std::vector<NamedTool> tools;
};
using News = std::variant<ToolsOut, GuidanceOut>;

std::string name_on_wire(const std::string& tool) {
    const std::string plain(plain_tool_name(tool));
    const std::string full = plain + "ToTracker";
    // "use short frame names": a longer one than the header's field keeps its distinct beginning.
    return full.size() <= kDeviceWidth ? full : plain.substr(0, kDeviceWidth);
}

igtl::Message transform(const std::string& name, std::uint64_t stamp, int version,
                        const std::optional<Eigen::Isometry3d>& pose, const char* status) {
    igtl::Message out{.device = name, .stamp = stamp, .header_version = version};
    out.content = igtl::TransformData{pose ? igtl::to_matrix34(pose->matrix()) : igtl::kIdentity34};
    if (version == 2) out.metadata = {{"TransformStatus", status}, {"TransformValid", pose ? "1" : "0"}};
    return out;
}

}  // namespace

class PoseBroadcast::Sender {
public:
    Sender(std::uint16_t port, const std::string& address)
        : server_(port, address), thread_([this](const std::stop_token& stop) { run(stop); }) {}

    std::uint16_t port() const { return server_.port(); }
    int clients() const { return clients_; }
    void give(News news) {
        {
            const std::scoped_lock lock(mutex_);
            if (waiting_.size() >= kMostWaiting) waiting_.pop_front();
            waiting_.push_back(std::move(news));
        }
        server_.wake();
    }

private:
    void run(const std::stop_token& stop) {
        const std::stop_callback wake_on_stop(stop, [this] { server_.wake(); });
        SteadyTime last_said = steady_now();
        while (!stop.stop_requested()) {
            if (const auto received = server_.receive(500ms)) answer(*received);
            clients_ = server_.clients();
            std::deque<News> news;
            {
                const std::scoped_lock lock(mutex_);
                news.swap(waiting_);
            }
            for (const News& one : news) {
                for (const int client : server_.client_numbers()) {
                    const int version = std::max(1, server_.client_version(client));
                    if (const auto* tools = std::get_if<ToolsOut>(&one)) {
                        send_tools(*tools, client, version);
                    } else {
                        send_guidance(std::get<GuidanceOut>(one), client, version);
                    }
                }
            }
            const SteadyTime now = steady_now();
            if (!news.empty()) last_said = now;
            if (seconds_between(last_said, now) > 1.0) {
                for (const int client : server_.client_numbers()) say_status(client, "Precentral", kOk, "");
                last_said = now;
            }
        }
    }

    void send_tools(const ToolsOut& out, int client, int version) {
        const std::uint64_t stamp = igtl::stamp_from_seconds(out.device_time_s);
        if (wants_tdata_.contains(client)) {
            igtl::TrackingData data;
            igtl::Message message{.device = "Tracker", .stamp = stamp, .header_version = version};
            for (const NamedTool& tool : out.tools) {
                const std::string name = std::string(plain_tool_name(tool.name)).substr(0, kDeviceWidth);
                const bool seen = tool.state == ToolState::visible;
                if (seen) data.tools.push_back({name, 1, igtl::to_matrix34(tool.tracker_from_tool.matrix())});
                if (version == 2) message.metadata.emplace_back(name + "Status", status_word(tool.state));
            }
            message.content = std::move(data);
            server_.send(message, client);
            return;
        }
        for (const NamedTool& tool : out.tools) {
            const bool seen = tool.state == ToolState::visible;
            if (!seen && version == 1) continue;
            const auto pose = seen ? std::optional(tool.tracker_from_tool) : std::nullopt;
            server_.send(transform(name_on_wire(tool.name), stamp, version, pose, status_word(tool.state)), client);
        }
    }

    void send_guidance(const GuidanceOut& out, int client, int version) {
        const std::uint64_t stamp = igtl::stamp_from_seconds(out.device_time_s);
        const auto pose_of = [](const std::optional<Transform<Scan, Coil>>& pose) {
            return pose ? std::optional(pose->isometry()) : std::nullopt;
        };
        if (out.scan_from_coil || version == 2) {
            const char* status = out.scan_from_coil ? "OK" : "OUT_OF_VIEW";
            server_.send(transform("CoilToScan", stamp, version, pose_of(out.scan_from_coil), status), client);
        }
        if (out.scan_from_target) {
            server_.send(transform("TargetToScan", stamp, version, pose_of(out.scan_from_target), "OK"), client);
        }
        // On target only with a pose of now.
        const bool on_target = out.on_target && out.scan_from_coil.has_value();
        say_status(client, "OnTarget", on_target ? kOk : kNotReady, out.sentence, stamp);
    }

    void say_status(int client, const std::string& device, std::uint16_t code, const std::string& text,
                    std::uint64_t stamp = 0) {
        igtl::Message message{
            .device = device, .stamp = stamp, .header_version = std::max(1, server_.client_version(client))};
        message.content = igtl::StatusData{code, 0, "", text.substr(0, 1000)};
        server_.send(message, client);
    }

    void answer(const IgtlServer::Received& received) {
        const auto* query = std::get_if<igtl::QueryData>(&received.message.content);
        if (query == nullptr) return;
        const int client = received.client;
        igtl::Message reply{.device = "Precentral", .header_version = std::max(1, server_.client_version(client))};
        if (query->verb == igtl::Verb::get && query->what == "STATUS") return say_status(client, "Precentral", kOk, "");
        if (query->verb == igtl::Verb::get && query->what == "CAPABIL") {
            reply.content = igtl::CapabilityData{{"TRANSFORM", "TDATA", "STATUS", "GET_STATUS", "STT_TDATA"}};
        } else if (query->what == "TDATA" && (query->verb == igtl::Verb::start || query->verb == igtl::Verb::stop)) {
            if (query->verb == igtl::Verb::start) {
                wants_tdata_.insert(client);
            } else {
                wants_tdata_.erase(client);
            }
            reply.content = igtl::QueryData{.verb = igtl::Verb::reply, .what = "TDATA"};
        } else {
            return;
        }
        server_.send(reply, client);
    }

    IgtlServer server_;
    std::set<int> wants_tdata_;  // client numbers are never used twice
    std::atomic<int> clients_ = 0;
    std::mutex mutex_;
    std::deque<News> waiting_;
    std::jthread thread_;  // last: it ends first
};

PoseBroadcast::PoseBroadcast(std::uint16_t port, const std::string& address)
    : sender_(std::make_unique<Sender>(port, address)) {}
PoseBroadcast::~PoseBroadcast() = default;
std::uint16_t PoseBroadcast::port() const { return sender_->port(); }
int PoseBroadcast::clients() const { return sender_->clients(); }
void PoseBroadcast::publish(double device_time_s, std::span<const NamedTool> tools) {
    sender_->give(ToolsOut{device_time_s, {tools.begin(), tools.end()}});
}
void PoseBroadcast::publish(const GuidanceOut& guidance) { sender_->give(guidance); }

}  // namespace precentral

// SPDX-License-Identifier: Apache-2.0
#include "navigation/igtl_client.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "navigation/frame_assembly.h"
#include "navigation/igtl_codec.h"
#include "navigation/igtl_theatre.h"
#include "navigation/link_news.h"
#include "navigation/tcp_socket.h"

namespace precentral {
namespace {

// After this long without news a frame whose tools are not all there is given out as it is.
constexpr std::chrono::milliseconds kGroupPatience{20};
constexpr std::size_t kReadBytes = 65536;
constexpr std::size_t kLargestOutbox = 16U << 20U;

class IgtlDevice final : public Device {
public:
    IgtlDevice(std::string host, std::uint16_t port, const ToolNames& names, DeviceListener& listener,
               const IgtlOptions& options)
        : host_(std::move(host)),
          port_(port),
          listener_(listener),
          options_(options),
          assembly_(names),
          speak_version_(options.header_version),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

    void send_text(const std::string& device, const std::string& text) override {
        send(igtl::Message{.device = device, .content = igtl::TextData{.text = text}});
    }

private:
    std::string place() const { return host_ + ":" + std::to_string(port_); }

    void send(igtl::Message message) {
        using Seconds = std::chrono::duration<double>;
        message.stamp = igtl::stamp_from_seconds(Seconds(std::chrono::system_clock::now().time_since_epoch()).count());
        const std::scoped_lock lock(send_mutex_);
        message.header_version = speak_version_;
        const Bytes bytes = igtl::encode(message);
        if (!socket_) return;
        // A failure shows on the reading side too, which then ends the connection.
        if (outbox_.size() + bytes.size() <= kLargestOutbox) outbox_.send(socket_.get(), bytes);
        if (outbox_.size() > 0) wake_.raise();
    }

    void tell(LinkState state, const std::string& why) { news_.tell(state, why); }

    void refuse(const std::string& why) { news_.refuse(why); }

    void run(const std::stop_token& stop) {
        const std::stop_callback wake_on_stop(stop, [this] { wake_.raise(); });
        std::chrono::milliseconds pause = options_.first_retry;
        while (!stop.stop_requested()) {
            if (!news_.told()) tell(LinkState::connecting, "Looking for the tracker at " + place() + ".");
            Connected connected = connect_tcp(host_, port_, options_.connect_timeout, wake_.get());
            if (stop.stop_requested()) break;
            if (connected.socket) {
                if (converse(std::move(connected.socket), stop)) pause = options_.first_retry;
            } else if (connected.failure != ConnectFailure::interrupted) {
                tell(ever_connected_ ? LinkState::lost : LinkState::connecting, sentence(connected));
            }
            rest(pause, stop);
            pause = std::min(2 * pause, options_.longest_retry);
        }
    }

    void rest(std::chrono::milliseconds pause, const std::stop_token& stop) const {
        const auto end = std::chrono::steady_clock::now() + pause;
        while (!stop.stop_requested()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            if (left.count() <= 0) return;
            std::array<Waited, 1> fds{Waited{.fd = wake_.get()}};
            if (wait_for(fds, left)) wake_.clear();
        }
    }

    std::string sentence(const Connected& failed) const {
        switch (failed.failure) {
            case ConnectFailure::unknown_host:
                return "The name '" + host_ + "' is not known on this network. Check the tracker's address.";
            case ConnectFailure::unreachable:
                return "The network does not reach the tracker at " + place() + ". Is the cable in?";
            case ConnectFailure::refused:
            case ConnectFailure::timed_out: return "No tracker answers at " + place() + ". Is it switched on?";
            default: return "The tracker at " + place() + " cannot be reached: " + failed.detail + ".";
        }
    }

    void welcome() {
        ever_connected_ = true;
        tell(LinkState::connected, "");
    }

    // Until the connection ends. True when at least one sound message came.
    bool converse(Descriptor socket, const std::stop_token& stop) {
        {
            const std::scoped_lock lock(send_mutex_);
            socket_ = std::move(socket);
            outbox_.clear();
            speak_version_ = options_.header_version;
        }
        assembly_.start_connection();
        igtl::Decoder decoder;
        // After rubbish, a connection alone is no tracker yet: only a sound message is.
        if (!rubbish_) welcome();
        if (options_.request_tracking) {
            send(igtl::Message{.device = "Precentral",
                               .content = igtl::QueryData{.verb = igtl::Verb::start, .what = "TDATA"}});
        }
        const std::string why = read_until_end(decoder, stop);
        if (std::optional<TrackerFrame> frame = assembly_.flush()) listener_.on_frame(*frame);
        {
            const std::scoped_lock lock(send_mutex_);
            socket_.close();
        }
        const bool sound = decoder.messages() > 0;
        rubbish_ = decoder.failed() && !sound;
        if (decoder.failed()) refuse(decoder.error());
        if (!stop.stop_requested()) tell(ever_connected_ ? LinkState::lost : LinkState::connecting, why);
        return sound;
    }

    // The reason it ended, for the user.
    std::string read_until_end(igtl::Decoder& decoder, const std::stop_token& stop) {
        Bytes buffer(kReadBytes);
        while (!stop.stop_requested()) {
            std::array<Waited, 2> fds{Waited{.fd = socket_.get(), .for_writing = has_unsent()},
                                      Waited{.fd = wake_.get()}};
            const auto patience = assembly_.pending() ? std::optional(kGroupPatience) : std::nullopt;
            if (!wait_for(fds, patience)) {
                if (std::optional<TrackerFrame> frame = assembly_.flush()) listener_.on_frame(*frame);
                continue;
            }
            if (fds[1].readable) wake_.clear();
            if (fds[0].writable) {
                const std::scoped_lock lock(send_mutex_);
                outbox_.flush(socket_.get());
            }
            if (!fds[0].readable) continue;
            const IoResult result = read_some(socket_.get(), buffer);
            const SteadyTime received = steady_now();
            if (result.state == IoState::later) continue;
            if (result.state == IoState::closed) {
                return result.why.empty() ? "The tracker at " + place() + " closed the connection. Trying again."
                                          : "The connection to the tracker at " + place() + " broke: " + result.why +
                                                ". Trying again.";
            }
            decoder.feed(ByteView(buffer).first(result.size));
            take_messages(decoder, received);
            if (decoder.failed()) {
                return decoder.messages() > 0
                           ? "The tracker at " + place() + " sent a damaged message. Connecting anew."
                           : "What answers at " + place() + " does not speak OpenIGTLink. Check the tracker's address.";
            }
        }
        return {};
    }

    bool has_unsent() {
        const std::scoped_lock lock(send_mutex_);
        return outbox_.size() > 0;
    }

    void take_messages(igtl::Decoder& decoder, SteadyTime received) {
        const std::uint64_t malformed_before = decoder.malformed();
        while (const std::optional<igtl::Message> message = decoder.next()) {
            if (news_.told() != LinkState::connected) welcome();
            take_message(*message, received);
        }
        if (decoder.malformed() != malformed_before) refuse(decoder.last_malformed());
    }

    void take_message(const igtl::Message& message, SteadyTime received) {
        if (message.header_version == 2) {
            const std::scoped_lock lock(send_mutex_);
            speak_version_ = 2;
        }
        if (const auto* text = std::get_if<igtl::TextData>(&message.content)) {
            if (message.device != kTriggerDevice) return listener_.on_text(message.device, text->text);
            std::string why;
            const std::optional<Trigger> trigger = read_trigger(message, received, why);
            return trigger ? listener_.on_trigger(*trigger) : refuse(why);
        }
        if (message.device == kEmgDevice && std::holds_alternative<igtl::ArrayData>(message.content)) {
            std::string why;
            const std::optional<EmgSweep> sweep = read_sweep(message, why);
            return sweep ? listener_.on_sweep(*sweep) : refuse(why);
        }
        if (const auto* status = std::get_if<igtl::StatusData>(&message.content)) {
            if (status->code != 1) listener_.on_text(message.device, status_sentence(*status));
            return;
        }
        const std::uint64_t refused_before = assembly_.refused().total();
        const std::vector<TrackerFrame> frames = assembly_.take(message, received);
        if (!assembly_.tools().empty()) listener_.on_tools(received, message.time_s(), assembly_.tools());
        for (const TrackerFrame& frame : frames) listener_.on_frame(frame);
        if (assembly_.refused().total() != refused_before) refuse(assembly_.refused().last);
    }

    static std::string status_sentence(const igtl::StatusData& status) {
        std::string out = "The tracker reports: " + std::string(igtl::status_word(status.code));
        if (!status.text.empty()) out += " (" + igtl::printable(status.text) + ")";
        return out + ".";
    }

    const std::string host_;
    const std::uint16_t port_;
    DeviceListener& listener_;
    const IgtlOptions options_;

    // On the device's thread only.
    FrameAssembly assembly_;
    LinkNews news_{listener_};
    bool ever_connected_ = false;
    bool rubbish_ = false;  // the last connection held not one sound message

    WakeUp wake_;
    std::mutex send_mutex_;  // guards the three below; only the device's thread sets socket_, so it reads it freely
    Descriptor socket_;
    Outbox outbox_;
    int speak_version_;

    std::jthread thread_;  // last: it starts when all else is there and ends first
};

}  // namespace

std::unique_ptr<Device> connect_igtl(const std::string& host, std::uint16_t port, const ToolNames& names,
                                     DeviceListener& listener, const IgtlOptions& options) {
    return std::make_unique<IgtlDevice>(host, port, names, listener, options);
}

}  // namespace precentral

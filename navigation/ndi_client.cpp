// SPDX-License-Identifier: Apache-2.0
#include "navigation/ndi_client.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <stop_token>
#include <thread>

#include "data/error.h"
#include "navigation/link_news.h"
#include "navigation/ndi_protocol.h"
#include "navigation/tool_names.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;
using ndi::Reply;

constexpr std::size_t kRomChunk = 64;
constexpr std::size_t kLargestRom = 4096;
constexpr int kMostDamaged = 3;
constexpr int kLongestDrain = 20;
constexpr std::chrono::milliseconds kSilence{20};  // after damage: nothing more of that reply comes

// The conversation is over; the sentence is for the user.
struct Ended {
    std::string why;
};
struct Stopped {};

struct LoadedFile {
    std::string name;
    std::string path;
    std::string bytes;
};

LoadedFile load(const NdiToolFile& tool) {
    std::ifstream in(tool.file, std::ios::binary);
    std::string bytes(kLargestRom + 1, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    const std::string path = tool.file.string();
    if (bytes.empty()) throw InputError("The tool file '" + path + "' cannot be read. Check its name.");
    if (!bytes.starts_with("NDI") || bytes.size() > kLargestRom) {
        throw InputError("'" + path + "' is no tool file of an NDI camera (.rom).");
    }
    bytes.resize((bytes.size() + kRomChunk - 1) / kRomChunk * kRomChunk, '\0');
    return {tool.name, path, std::move(bytes)};
}

class NdiDevice final : public Device {
public:
    NdiDevice(ndi::Place place, const ToolNames& names, DeviceListener& listener, const NdiOptions& options)
        : place_(std::move(place)), names_(names), listener_(listener), options_(options) {
        if (!place_.device.empty() && ndi::comm_digit(options.baud) == '\0') {
            throw InputError("A camera's serial port does not run at " + std::to_string(options.baud) +
                             " baud; use 9600, 19200, 38400, 57600, 115200 or 921600.");
        }
        for (const NdiToolFile& tool : options.tools) files_.push_back(load(tool));
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }

    void send_text(const std::string&, const std::string&) override {}  // a camera takes none

private:
    void tell(LinkState state, const std::string& why) { news_.tell(state, why); }
    void refuse(const std::string& why) { news_.refuse(why); }

    void run(const std::stop_token& stop) {
        stop_ = stop;
        const std::stop_callback wake_on_stop(stop, [this] { wake_.raise(); });
        std::chrono::milliseconds pause = options_.first_retry;
        tell(LinkState::connecting, "Looking for the camera at " + place_.words() + ".");
        while (!stop.stop_requested()) {
            std::string why = link_.connect(place_, options_.connect_timeout, wake_.get());
            const std::uint64_t frames_before = sequence_;
            try {
                if (link_.open()) why = converse();
            } catch (const Ended& end) {
                why = end.why;
            } catch (const Stopped&) {
            }
            link_.close();
            if (sequence_ > frames_before) pause = options_.first_retry;
            if (stop.stop_requested()) break;
            tell(ever_connected_ ? LinkState::lost : LinkState::connecting, why);
            rest(pause);
            pause = std::min(2 * pause, options_.longest_retry);
        }
    }

    // Not interrupted by the camera, only by the end.
    void rest(std::chrono::milliseconds pause) const {
        const auto end = std::chrono::steady_clock::now() + pause;
        while (!stop_.stop_requested()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            if (left.count() <= 0) return;
            std::array<Waited, 1> fds{Waited{.fd = wake_.get()}};
            if (wait_for(fds, left)) return;
        }
    }

    // Reads what is there into the reader. False when nothing came in that time.
    bool read_once(std::chrono::milliseconds timeout) {
        std::array<Waited, 2> fds{Waited{.fd = link_.get()}, Waited{.fd = wake_.get()}};
        if (!wait_for(fds, timeout)) return false;
        if (fds[1].readable && stop_.stop_requested()) throw Stopped{};
        if (!fds[0].readable) return false;
        const IoResult result = link_.read(buffer_);
        if (result.state == IoState::later) return false;
        if (result.state == IoState::closed) {
            throw Ended{"The connection to the camera at " + place_.words() + " ended" +
                        (result.why.empty() ? std::string() : ": " + result.why) + ". Trying again."};
        }
        reader_.feed(ByteView(buffer_).first(result.size));
        return true;
    }

    std::optional<Reply> wait_for_reply(std::chrono::milliseconds timeout) {
        using Clock = std::chrono::steady_clock;
        const Clock::time_point end = Clock::now() + timeout;
        while (true) {
            if (std::optional<Reply> reply = reader_.next()) return reply;
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
            if (left.count() <= 0) return std::nullopt;
            read_once(left);
        }
    }

    // Asks until an undamaged reply comes.
    Reply ask(const std::string& text, std::chrono::milliseconds timeout) {
        for (int damaged = 0; damaged < kMostDamaged; ++damaged) {
            reader_.clear();
            if (!link_.write(ndi::command(text))) {
                throw Ended{"The connection to the camera at " + place_.words() + " broke. Trying again."};
            }
            std::optional<Reply> reply = wait_for_reply(timeout);
            if (!reply) throw Ended{"The camera at " + place_.words() + " does not answer. Trying again."};
            if (!reply->damaged) {
                // ERROR04: the command reached it damaged; say it again.
                if (!reply->text.starts_with("ERROR04")) return *reply;
                refuse("A command reached the camera damaged.");
                continue;
            }
            refuse(reply->why);
            // Something else than a camera may never fall silent.
            for (int i = 0; i < kLongestDrain && read_once(kSilence); ++i) reader_.clear();
        }
        throw Ended{heard_ ? "What the camera at " + place_.words() +
                                 " sends arrives damaged, again and again. Check the cable. Trying again."
                           : "What answers at " + place_.words() +
                                 " does not speak the protocol of an NDI camera. Check the address."};
    }

    std::string setup(const std::string& text) {
        const Reply reply = ask(text, options_.setup_timeout);
        if (reply.is_error()) {
            throw Ended{"The camera at " + place_.words() + " refused " + text.substr(0, text.find(':')) + ": " +
                        ndi::error_words(reply.text) + ". Trying again."};
        }
        return reply.text;
    }
    // For what a camera may well not have or take: "" when it refused, and said why in `why`.
    std::string try_setup(const std::string& text, std::string* why = nullptr) {
        const Reply reply = ask(text, options_.setup_timeout);
        if (!reply.is_error()) return reply.text;
        if (why != nullptr) *why = ndi::error_words(reply.text);
        return {};
    }
    void say(const std::string& sentence) { listener_.on_text("Camera", sentence); }

    // The handles in a reply to PHSR.
    std::vector<unsigned> handles(const std::string& which) {
        const std::string reply = setup("PHSR:" + which);
        std::vector<unsigned> out;
        for (std::size_t at = 2; at + 5 <= reply.size(); at += 5) {
            if (const auto handle = ndi::from_hex(std::string_view(reply).substr(at, 2))) out.push_back(*handle);
        }
        return out;
    }

    void start_serial() {
        if (!link_.serial()) return;
        // A break takes the camera back to 9600 baud whatever it was left at; it says RESET.
        link_.send_break();
        for (int i = 0; i < 10; ++i) {
            const std::optional<Reply> reply = wait_for_reply(50ms);
            if (reply && reply->text.starts_with("RESET")) break;
        }
    }

    void raise_baud() {
        if (!link_.serial() || options_.baud == 9600) return;
        setup(std::string("COMM:") + ndi::comm_digit(options_.baud) + "0000");
        rest(100ms);
        const std::string why = link_.set_baud(options_.baud);
        if (!why.empty()) throw Ended{why};
    }

    void load_tools() {
        names_by_handle_.clear();
        for (const unsigned handle : handles("01")) try_setup("PHF:" + ndi::hex2(handle));
        for (const LoadedFile& file : files_) {
            const auto handle = ndi::from_hex(setup("PHRQ:*********1****"));
            if (!handle) throw Ended{"The camera at " + place_.words() + " gave no place for a tool. Trying again."};
            for (std::size_t at = 0; at < file.bytes.size(); at += kRomChunk) {
                std::string text = "PVWR:" + ndi::hex2(*handle) + ndi::hex4(static_cast<unsigned>(at));
                for (std::size_t i = 0; i < kRomChunk; ++i) {
                    text += ndi::hex2(static_cast<unsigned char>(file.bytes[at + i]));
                }
                setup(text);
            }
            names_by_handle_[*handle] = file.name;
        }
        for (const unsigned handle : handles("02")) {
            std::string why;
            if (try_setup("PINIT:" + ndi::hex2(handle), &why).empty()) say(refusal(handle, why));
        }
        for (const unsigned handle : handles("03")) {
            std::string why;
            if (try_setup("PENA:" + ndi::hex2(handle) + "D", &why).empty()) say(refusal(handle, why));
            if (names_by_handle_.contains(handle)) continue;
            std::string part = try_setup("PHINF:" + ndi::hex2(handle) + "0004");
            part = part.substr(0, std::min(part.find(' '), part.find('\0')));
            names_by_handle_[handle] = part.empty() ? "Port-" + ndi::hex2(handle) : part;
        }
        if (names_by_handle_.empty()) {
            throw Ended{"The camera at " + place_.words() +
                        " has no tools. Name their files, as in ndi://host?Head=head.rom&Coil=coil.rom."};
        }
    }

    std::string refusal(unsigned handle, const std::string& why) const {
        const auto name = names_by_handle_.find(handle);
        return "The camera does not take the tool " +
               (name == names_by_handle_.end() ? "in port " + ndi::hex2(handle) : name->second) + ": " + why + ".";
    }

    void raise_rate() {
        const auto value = [](const std::string& reply) {
            const std::size_t equals = reply.find('=');
            return equals == std::string::npos ? 0 : std::atoi(reply.c_str() + equals + 1);
        };
        const int frames_hz = value(try_setup("GET:Param.Tracking.Frame Frequency"));
        frame_hz_ = frames_hz > 0 ? frames_hz : 60.0;
        // A third, a half or all of the frames are tracked.
        const double share = options_.rate_hz / frame_hz_;
        const int index = share < 0.4 ? 0 : share < 0.75 ? 1 : 2;
        std::string why;
        if (try_setup("SET:Param.Tracking.Track Frequency=" + std::to_string(index), &why).empty()) {
            say("The camera keeps its own tracking rate: " + why + ".");
        }
        const double kShares[] = {1.0 / 3.0, 0.5, 1.0};
        period_s_ = 1.0 / (frame_hz_ * kShares[index]);
    }

    // Returns only through an exception, or when the camera cannot be understood.
    std::string converse() {
        reader_.clear();
        heard_ = false;
        start_serial();
        setup("INIT:");
        heard_ = true;
        raise_baud();
        load_tools();
        raise_rate();
        setup("TSTART:");
        ever_connected_ = true;
        tell(LinkState::connected, "");
        binary_ = options_.binary;
        last_frame_ = 0;
        try {
            while (true) track();
        } catch (const Stopped&) {
            (void)link_.write(ndi::command("TSTOP:"));
            throw;
        }
    }

    void track() {
        const Reply reply = ask(binary_ ? "BX:0801" : "TX:0801", options_.reply_timeout);
        const SteadyTime received = steady_now();
        if (reply.is_error()) {
            if (binary_ && reply.text.starts_with("ERROR01")) {
                binary_ = false;
                return;
            }
            throw Ended{"The camera at " + place_.words() + " stopped tracking: " + ndi::error_words(reply.text) +
                        ". Trying again."};
        }
        std::string why;
        const auto tracked = reply.binary ? ndi::read_bx(reply.body, why) : ndi::read_tx(reply.text, why);
        if (!tracked) {
            refuse(why);
            return;
        }
        std::uint32_t frame = 0;
        for (const ndi::HandleReading& reading : tracked->handles) frame = std::max(frame, reading.frame);
        if (frame == last_frame_) {  // nothing new yet
            pause(period_s_ / 8.0);
            return;
        }
        last_frame_ = frame;
        take(*tracked, frame, received);
        // Some of a period passes before the next; then it is asked for often.
        pause(0.4 * period_s_ - seconds_between(received, steady_now()));
    }

    void pause(double seconds) {
        if (seconds <= 0.0) return;
        const auto end =
            steady_now() + std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(seconds));
        // Whole milliseconds while watching the line, so that an unplugged camera shows at once; the rest asleep.
        const auto whole = std::chrono::floor<std::chrono::milliseconds>(end - steady_now());
        if (whole.count() > 0) read_once(whole);
        std::this_thread::sleep_until(end);
    }

    void take(const ndi::TrackingReply& tracked, std::uint32_t camera_frame, SteadyTime received) {
        tools_.clear();
        for (const ndi::HandleReading& reading : tracked.handles) {
            const auto name = names_by_handle_.find(reading.handle);
            if (name == names_by_handle_.end()) continue;
            std::string why;
            tools_.push_back(ndi::to_tool(reading, name->second, why));
            if (!why.empty()) refuse(why);
        }
        const double device_time_s = camera_frame / frame_hz_;
        listener_.on_tools(received, device_time_s, tools_);
        TrackerFrame frame = frame_of(tools_, names_);
        frame.sequence = ++sequence_;
        frame.received = received;
        frame.device_time_s = device_time_s;
        listener_.on_frame(frame);
        const std::string complaint = ndi::system_sentence(tracked.system_status);
        if (complaint != last_complaint_ && !complaint.empty()) say(complaint);
        last_complaint_ = complaint;
    }

    const ndi::Place place_;
    const ToolNames names_;
    DeviceListener& listener_;
    const NdiOptions options_;
    std::vector<LoadedFile> files_;
    WakeUp wake_;

    // On the device's thread only.
    std::stop_token stop_;
    ndi::Link link_;
    ndi::ReplyReader reader_;
    std::array<std::uint8_t, 8192> buffer_{};
    std::map<unsigned, std::string> names_by_handle_;
    std::vector<NamedTool> tools_;
    LinkNews news_{listener_};
    bool ever_connected_ = false;
    bool heard_ = false;  // the other side has answered as a camera does
    bool binary_ = true;
    double frame_hz_ = 60.0;
    double period_s_ = 1.0 / 60.0;
    std::uint32_t last_frame_ = 0;
    std::uint64_t sequence_ = 0;
    std::string last_complaint_;

    std::jthread thread_;  // last: it ends first
};

}  // namespace

std::unique_ptr<Device> connect_ndi(const ndi::Place& place, const ToolNames& names, DeviceListener& listener,
                                    const NdiOptions& options) {
    return std::make_unique<NdiDevice>(place, names, listener, options);
}

}  // namespace precentral

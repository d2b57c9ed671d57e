// SPDX-License-Identifier: Apache-2.0
#include "screen.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QElapsedTimer>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>

#include "ui/desktop/vtk_view.h"

namespace precentral::test {
namespace {

pid_t xvfb = 0;

// Starts Xvfb on a free display of its own choice; "" when that works.
std::string start_xvfb() {
    int ends[2];
    if (pipe(ends) != 0) return "no pipe for Xvfb";
    const pid_t parent = getpid();
    xvfb = fork();
    if (xvfb < 0) return "no process for Xvfb";
    if (xvfb == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) _exit(1);
        close(ends[0]);
        const std::string fd = std::to_string(ends[1]);
        execlp("Xvfb", "Xvfb", "-displayfd", fd.c_str(), "-screen", "0", "1920x1200x24", "-nolisten", "tcp",
               static_cast<char*>(nullptr));
        _exit(127);
    }
    close(ends[1]);
    std::string number;
    pollfd waiting{ends[0], POLLIN, 0};
    while (number.find('\n') == std::string::npos && poll(&waiting, 1, 15000) > 0) {
        char buffer[16];
        const ssize_t got = read(ends[0], buffer, sizeof buffer);
        if (got <= 0) break;
        number.append(buffer, static_cast<std::size_t>(got));
    }
    close(ends[0]);
    if (number.find('\n') == std::string::npos) return "no X display, and Xvfb did not start";
    number.erase(number.find('\n'));
    setenv("DISPLAY", (":" + number).c_str(), 1);
    std::atexit([] {
        if (xvfb > 0) {
            kill(xvfb, SIGTERM);
            waitpid(xvfb, nullptr, 0);
        }
    });
    return {};
}

}  // namespace

std::string need_screen(Screen screen) {
    static std::optional<Screen> made;
    static std::string why_not;
    if (!made) {
        made = screen;
        if (screen == Screen::x11) {
            setenv("QT_QPA_PLATFORM", "xcb", 1);
            if (std::getenv("DISPLAY") == nullptr) why_not = start_xvfb();
            if (!why_not.empty()) made = Screen::memory;
        }
        if (*made == Screen::memory) {
            setenv("QT_QPA_PLATFORM", "offscreen", 1);
            unsetenv("DISPLAY");
        }
        VtkView::choose_gl_format();
        static int argc = 1;
        static char name[] = "test_ui";
        static char* argv[] = {name, nullptr};
        // Lives to the end of the process: tearing Qt down after the last test adds nothing.
        static auto* app = new QApplication(argc, argv);
        app->setQuitOnLastWindowClosed(false);
    }
    if (screen == *made) {
        if (screen == Screen::x11 && !VtkView::gl_available()) return "the display gives no OpenGL 3.2";
        return {};
    }
    if (!why_not.empty()) return why_not;
    return "this process draws on another kind of screen already; run the test by itself";
}

void wait_ms(int ms) {
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < ms) QApplication::processEvents(QEventLoop::AllEvents, 5);
}

}  // namespace precentral::test

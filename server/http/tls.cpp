// SPDX-License-Identifier: Apache-2.0
#include "server/http/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "server/http/connection.hpp"
#include "server/http/server.hpp"

namespace purse::server::http {

namespace {
constexpr std::size_t kRecordBytes = std::size_t{16} * 1024;

[[noreturn]] void fail(const std::string& what)
{
    std::array<char, 256> reason{};
    ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
    ERR_clear_error();
    throw std::runtime_error{"TLS: " + what + " (" + reason.data() + ")"};
}

int descriptor_of(BIO* bio)
{
    return *static_cast<const int*>(BIO_get_data(bio));
}

// OpenSSL's own socket BIO uses write(), which raises SIGPIPE.
int bio_moved(BIO* bio, ssize_t result)
{
    BIO_clear_retry_flags(bio);
    return static_cast<int>(result);
}

int bio_write(BIO* bio, const char* bytes, int size)
{
    const auto result =
        ::send(descriptor_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    const int moved = bio_moved(bio, result);
    if (result < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
    return moved;
}

int bio_read(BIO* bio, char* room, int size)
{
    const auto result = ::recv(descriptor_of(bio), room, static_cast<std::size_t>(size), 0);
    const int moved = bio_moved(bio, result);
    if (result < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
    return moved;
}

long bio_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

class TlsWire final : public SocketWire {
public:
    TlsWire(Socket socket, SSL_CTX* context, const BIO_METHOD* method, std::string& record)
        : SocketWire{std::move(socket)},
          descriptor_{descriptor()},
          ssl_{SSL_new(context)},
          record_{record}
    {
        BIO* bio = ssl_ ? BIO_new(method) : nullptr;
        if (bio == nullptr) throw std::bad_alloc{};
        BIO_set_data(bio, &descriptor_);
        BIO_set_init(bio, 1);
        SSL_set_bio(ssl_.get(), bio, bio);
        SSL_set_accept_state(ssl_.get());
    }

    bool is_open() const override { return SSL_is_init_finished(ssl_.get()) == 1; }

    Moved read(std::span<char> room) override
    {
        ERR_clear_error();
        const int result = SSL_read(ssl_.get(), room.data(), static_cast<int>(room.size()));
        const auto moved = moved_by(result);
        read_wants_output_ = !moved.gone && result <= 0 && SSL_want_write(ssl_.get());
        return moved;
    }

    Moved write(std::string_view first, std::string_view second) override
    {
        // A retry must offer at least the bytes of the first try, so both take the same number.
        std::string_view bytes = first;
        if (first.size() < kRecordBytes && !second.empty()) {
            record_.assign(first).append(second.substr(0, kRecordBytes - first.size()));
            bytes = record_;
        }
        bytes = bytes.substr(0, kRecordBytes);
        if (bytes.empty()) return {};
        ERR_clear_error();
        const int result = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
        const auto moved = moved_by(result);
        write_wants_input_ = !moved.gone && result <= 0 && SSL_want_read(ssl_.get());
        return moved;
    }

    void await_readable() override
    {
        reader_waits_ = true;
        if (read_wants_output_)
            wait_for_output();
        else
            wait_for_input();
    }
    void await_writable() override
    {
        writer_waits_ = true;
        if (write_wants_input_)
            wait_for_input();
        else
            wait_for_output();
    }

    void shut_down() override
    {
        ERR_clear_error();
        if (is_open()) SSL_shutdown(ssl_.get());
        SocketWire::shut_down();
    }

    void close() override
    {
        // Only says it; no answer is waited for.
        ERR_clear_error();
        if (!is_closed() && is_open() && !broken_) SSL_shutdown(ssl_.get());
        SocketWire::close();
    }

protected:
    // Either direction may have waited for either readiness: a key update answers while it reads.
    void input_ready() override { ready(!read_wants_output_, write_wants_input_); }
    void output_ready() override { ready(read_wants_output_, !write_wants_input_); }

private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    void ready(bool reader, bool writer)
    {
        if (writer && std::exchange(writer_waits_, false)) connection().on_writable();
        if (reader && !is_closed() && std::exchange(reader_waits_, false))
            connection().on_readable();
    }

    Moved moved_by(int result)
    {
        if (result > 0) return {.bytes = static_cast<std::size_t>(result)};
        const int error = SSL_get_error(ssl_.get(), result);
        ERR_clear_error();
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return {};
        broken_ = error != SSL_ERROR_ZERO_RETURN;
        return {.gone = true};
    }

    int descriptor_;  ///< where the BIO finds it
    std::unique_ptr<SSL, Free> ssl_;
    std::string& record_;
    bool read_wants_output_ = false;
    bool write_wants_input_ = false;
    bool reader_waits_ = false;
    bool writer_waits_ = false;
    bool broken_ = false;
};
}  // namespace

void Tls::Free::operator()(SSL_CTX* context) const
{
    SSL_CTX_free(context);
}

void Tls::Free::operator()(BIO_METHOD* method) const
{
    BIO_meth_free(method);
}

Tls::Tls(const TlsFiles& files)
    : context_{SSL_CTX_new(TLS_server_method())},
      socket_method_{BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "socket")}
{
    if (!context_ || !socket_method_) throw std::bad_alloc{};
    BIO_meth_set_write(socket_method_.get(), bio_write);
    BIO_meth_set_read(socket_method_.get(), bio_read);
    BIO_meth_set_ctrl(socket_method_.get(), bio_control);
    auto* context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Clients resume by tickets; nothing is remembered here.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    // A key that is locked is an error, not a question to whoever sits at the terminal.
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
        fail("cannot use the certificate " + files.certificate);
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
        fail("cannot use the key " + files.key + " with the certificate " + files.certificate);
    if (SSL_CTX_check_private_key(context) != 1)
        fail("the key " + files.key + " is not that of the certificate " + files.certificate);
}

Tls::~Tls() = default;

std::unique_ptr<Wire> Tls::wire(Socket socket)
{
    return std::make_unique<TlsWire>(std::move(socket), context_.get(), socket_method_.get(),
                                     record_);
}

}  // namespace purse::server::http

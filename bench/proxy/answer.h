// One HTTP answer as the load generator reads it: where it ends, what its body says, and whether that is what the origin sent.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bench {

inline constexpr std::string_view kPiece = "word and";  // the content of each event of the origin's streams

// Reads the bytes of one answer in any pieces. The body is kept without its chunk framing, because a gateway may cut chunks
// anywhere, also inside the text that is looked for.
class Answer {
  public:
    void add(std::string_view bytes);
    bool complete() const { return complete_; }
    bool closes() const { return closes_; }  // the server will close this connection after the answer
    const std::string& body() const { return body_; }

    // The origin's whole answer: status 200, its 700 characters of content exactly, and the reason why it ended.
    bool is_right_whole() const;
    // The origin's stream: status 200, exactly `events` pieces of content, and the end that the client's dialect has.
    bool is_right_stream(int events) const;

  private:
    void read_head(std::string_view head);
    void read_chunks();

    int status_ = 0;
    bool head_read_ = false, chunked_ = false, closes_ = false, complete_ = false;
    std::size_t length_ = 0;   // of a body that is not chunked
    std::size_t scanned_ = 0;  // start of the next chunk's size line in `raw_`
    std::string raw_;          // the head until it is whole, then the chunks
    std::string body_;
};

}  // namespace bench

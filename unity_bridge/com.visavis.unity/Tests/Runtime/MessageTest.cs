using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;

namespace Visavis.Tests
{
    /// <summary>Every golden message is read as Python wrote it, and written back to the same bytes.</summary>
    [TestFixture]
    public class MessageTest
    {
        static readonly string[] Names =
        {
            "audio", "away", "control", "error", "interrupt", "line_finished", "line_started", "motion_idle",
            "motion_line", "names", "ok", "open", "say", "texture_jpeg", "texture_rgba",
        };

        [Test]
        public void HeadersAreReadAsTheyWereWritten()
        {
            foreach (string name in Names)
            {
                byte[] message = Golden.Bytes(name + ".bin");
                object wanted = Golden.Json(name + ".json");
                var header = new WireHeader();
                Assert.That(header.Read(message, 0, message.Length), name);
                var found = new Dictionary<string, double>
                {
                    { "kind", (double)header.Kind }, { "codec", (double)header.Codec }, { "flags", header.Flags },
                    { "line", header.Line }, { "sequence", header.Sequence }, { "sample", header.Sample },
                    { "line_sample", header.LineSample }, { "sent_ns", header.SentNs }, { "width_px", header.WidthPx },
                    { "height_px", header.HeightPx }, { "rate_hz", header.RateHz },
                };
                foreach (var pair in found)
                {
                    Assert.That(pair.Value, Is.EqualTo(JsonReader.NumberOf(wanted, pair.Key, double.NaN)),
                        name + " " + pair.Key);
                }
                Assert.That(header.Size, Is.EqualTo(message.Length - Vocabulary.HeaderBytes), name);
                Assert.That(WireHeader.Character(message, 0), Is.EqualTo(JsonReader.TextOf(wanted, "character")), name);
            }
        }

        [Test]
        public void HeadersAreWrittenBackToTheSameBytes()
        {
            foreach (string name in Names)
            {
                byte[] message = Golden.Bytes(name + ".bin");
                var header = new WireHeader();
                header.Read(message, 0, message.Length);
                var written = new byte[Vocabulary.HeaderBytes];
                header.Write(written, 0, Encoding.ASCII.GetBytes(WireHeader.Character(message, 0)));
                var wanted = new byte[Vocabulary.HeaderBytes];
                Array.Copy(message, wanted, wanted.Length);
                Assert.That(written, Is.EqualTo(wanted), name);
            }
        }

        [Test]
        public void PayloadsAreReadAsTheyWereWritten()
        {
            foreach (string name in Names)
            {
                byte[] message = Golden.Bytes(name + ".bin");
                object wanted = Golden.Json(name + ".json");
                var payload = new byte[message.Length - Vocabulary.HeaderBytes];
                Array.Copy(message, Vocabulary.HeaderBytes, payload, 0, payload.Length);
                object value = JsonReader.Of(wanted, "payload");
                var numbers = value as List<object>;
                if (numbers != null)
                {
                    var face = new float[Follower.Count];
                    Buffer.BlockCopy(payload, 0, face, 0, payload.Length);
                    for (int i = 0; i < face.Length; i++)
                    {
                        Assert.That((double)face[i], Is.EqualTo(numbers[i]), name);
                    }
                }
                else if (value != null)
                {
                    Assert.That(Golden.AreSame(JsonReader.Read(payload, payload.Length), value), name);
                }
                else
                {
                    string base64 = JsonReader.TextOf(wanted, "payload_base64");
                    Assert.That(Convert.ToBase64String(payload), Is.EqualTo(base64), name);
                }
            }
        }

        [Test]
        public void OtherBytesAreNoHeader()
        {
            byte[] message = Golden.Bytes("ok.bin");
            var header = new WireHeader();
            Assert.That(header.Read(message, 0, Vocabulary.HeaderBytes - 1), Is.False, "too short");
            message[4] = 2;
            Assert.That(header.Read(message, 0, message.Length), Is.False, "another version");
            message[4] = 1;
            message[11] = 0xFF;
            Assert.That(header.Read(message, 0, message.Length), Is.False, "a payload of 4 GB");
            message[11] = 0;
            message[0] = 0;
            Assert.That(header.Read(message, 0, message.Length), Is.False, "another magic");
        }
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;

namespace Visavis.Tests
{
    /// <summary>
    /// How long a picture and a motion message take from the server to C#. Opens a character at a bridge with RGBA
    /// pictures of 512 px at 60 a second, reads both for some seconds, prints one line of JSON: median and 95th
    /// percentile in milliseconds, how many a second, how many were missed. Measuring begins some seconds after the
    /// first picture. Use: Latency.exe PORT AVATAR SECONDS [CHARACTER]
    /// </summary>
    static class Latency
    {
        const string Host = "127.0.0.1";
        const double FirstPictureS = 60.0;
        const int WarmUpMs = 3000; // what comes while the talk begins is not the pace

        static int Main(string[] arguments)
        {
            int port = int.Parse(arguments[0], CultureInfo.InvariantCulture);
            double seconds = double.Parse(arguments[2], CultureInfo.InvariantCulture);
            var options = new LinkOptions
            {
                Port = port, Avatar = arguments[1], Textures = true, TextureFps = 60,
                Character = arguments.Length > 3 ? arguments[3] : "latency",
            };
            using (var requests = new ZmtpSocket())
            {
                requests.Connect(Host, port, ZmtpSocket.Dealer, 5.0);
                Open(requests, options);
                var motion = new Stream(port + 1, options.Character, Kind.Motion);
                var pictures = new Stream(port + 2, options.Character, Kind.Texture);
                double endS = Clock.NowS() + FirstPictureS;
                while (!pictures.Comes && Clock.NowS() < endS) { Thread.Sleep(50); }
                Thread.Sleep(WarmUpMs);
                motion.Counts = pictures.Counts = true;
                Thread.Sleep((int)(1000 * seconds));
                motion.End();
                pictures.End();
                Console.WriteLine("{\"seconds\": " + Text(seconds) + ", \"pictures\": " + pictures.Report(seconds)
                    + ", \"motion\": " + motion.Report(seconds) + "}");
            }
            return 0;
        }

        static void Open(ZmtpSocket requests, LinkOptions options)
        {
            var json = new JsonWriter();
            options.Write(json);
            var header = new WireHeader { Kind = Kind.Open, Codec = Codec.Json, Size = json.Count, Sequence = 1 };
            var bytes = new byte[Vocabulary.HeaderBytes];
            header.Write(bytes, 0, Encoding.ASCII.GetBytes(options.Character));
            requests.Send(bytes, bytes.Length, json.Bytes, json.Count);
            bool more;
            byte[] part = new byte[4096];
            header.Read(part, 0, requests.Read(ref part, out more));
            int count = requests.Read(ref part, out more);
            if (header.Kind != Kind.Ok) { throw new IOException(Encoding.UTF8.GetString(part, 0, count)); }
        }

        static string Text(double value)
        {
            return value.ToString("0.###", CultureInfo.InvariantCulture);
        }

        /// <summary>One kind of message, read by a thread of its own.</summary>
        sealed class Stream
        {
            readonly ZmtpSocket _socket = new ZmtpSocket();
            readonly Kind _kind;
            readonly List<double> _lateMs = new List<double>(1 << 16);
            readonly Thread _thread;
            long _sequence;
            long _missed;

            /// <summary>Something has come.</summary>
            public volatile bool Comes;

            /// <summary>What comes is measured.</summary>
            public volatile bool Counts;

            public Stream(int port, string character, Kind kind)
            {
                _kind = kind;
                _socket.Connect(Host, port, ZmtpSocket.Sub, 5.0);
                _socket.Subscribe(character + (kind == Kind.Motion ? "/motion" : "/texture"));
                _thread = new Thread(Run) { IsBackground = true };
                _thread.Start();
            }

            public void End()
            {
                _socket.Close();
                _thread.Join();
                _socket.Dispose();
            }

            public string Report(double seconds)
            {
                _lateMs.Sort();
                int count = _lateMs.Count;
                if (count == 0) { return "{\"count\": 0}"; }
                return "{\"count\": " + count + ", \"per_s\": " + Text(count / seconds)
                    + ", \"p50_ms\": " + Text(_lateMs[count / 2]) + ", \"p95_ms\": " + Text(_lateMs[count * 95 / 100])
                    + ", \"max_ms\": " + Text(_lateMs[count - 1]) + ", \"missed\": " + _missed + "}";
            }

            void Run()
            {
                var header = new WireHeader();
                byte[] topic = new byte[64];
                byte[] head = new byte[Vocabulary.HeaderBytes];
                byte[] payload = new byte[1 << 20];
                bool more;
                try
                {
                    while (true)
                    {
                        _socket.Read(ref topic, out more);
                        int count = _socket.Read(ref head, out more);
                        _socket.Read(ref payload, out more);
                        long nowNs = Clock.NowNs();
                        if (!header.Read(head, 0, count) || header.Kind != _kind) { continue; }
                        Comes = true;
                        if (!Counts) { continue; }
                        _lateMs.Add((nowNs - header.SentNs) * 1e-6);
                        if (_sequence > 0) { _missed += Math.Max(0, header.Sequence - _sequence - 1); }
                        _sequence = header.Sequence;
                    }
                }
                catch (IOException) { } // it was closed: the end
            }
        }
    }
}

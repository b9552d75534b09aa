using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;

namespace Visavis.Tests
{
    /// <summary>
    /// The client of `visavis bench bridge --client`: reads motion and pictures of all characters with the sockets of
    /// the package for some seconds, prints how late they came from the server, and how many are missing, as one line
    /// of JSON. Use: Latency.exe MOTION_PORT PICTURE_PORT SECONDS
    /// </summary>
    static class Latency
    {
        static int Main(string[] arguments)
        {
            double seconds = double.Parse(arguments[2], CultureInfo.InvariantCulture);
            var motion = new Stream(int.Parse(arguments[0], CultureInfo.InvariantCulture), Kind.Motion);
            var pictures = new Stream(int.Parse(arguments[1], CultureInfo.InvariantCulture), Kind.Texture);
            Thread.Sleep((int)(1000 * seconds));
            motion.End();
            pictures.End();
            Console.WriteLine(
                "{" + motion.Figures("motion", seconds) + ", " + pictures.Figures("texture", seconds) + "}");
            return 0;
        }

        /// <summary>One kind of message, read by a thread of its own.</summary>
        sealed class Stream
        {
            readonly ZmtpSocket _socket = new ZmtpSocket();
            readonly Kind _kind;
            readonly List<double> _lateMs = new List<double>(1 << 20);
            readonly Dictionary<string, long> _newest = new Dictionary<string, long>();
            readonly Thread _thread;
            long _missing;

            public Stream(int port, Kind kind)
            {
                _kind = kind;
                _socket.Connect("127.0.0.1", port, ZmtpSocket.Sub, 5.0);
                _socket.Subscribe("");
                _thread = new Thread(Run) { IsBackground = true };
                _thread.Start();
            }

            public void End()
            {
                _socket.Close();
                _thread.Join();
                _socket.Dispose();
            }

            public string Figures(string name, double seconds)
            {
                _lateMs.Sort();
                return "\"" + name + "_per_s\": " + Text(_lateMs.Count / seconds) + Late(name, "p50", 0.5)
                    + Late(name, "p95", 0.95) + Late(name, "max", 1.0) + ", \"" + name + "_lost\": " + _missing;
            }

            string Late(string name, string key, double share)
            {
                int last = _lateMs.Count - 1;
                string value = last < 0 ? "null" : Text(_lateMs[(int)Math.Round(share * last)]);
                return ", \"" + name + "_" + key + "_ms\": " + value;
            }

            static string Text(double value)
            {
                return value.ToString("0.##", CultureInfo.InvariantCulture);
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
                        int named = _socket.Read(ref topic, out more);
                        int count = _socket.Read(ref head, out more);
                        _socket.Read(ref payload, out more);
                        long nowNs = Clock.NowNs();
                        if (!header.Read(head, 0, count) || header.Kind != _kind) { continue; }
                        Hear(System.Text.Encoding.ASCII.GetString(topic, 0, named), header, nowNs);
                    }
                }
                catch (IOException) { } // it was closed: the end
            }

            void Hear(string topic, WireHeader header, long nowNs)
            {
                if (header.SentNs != 0) { _lateMs.Add((nowNs - header.SentNs) * 1e-6); }
                long newest;
                if (_newest.TryGetValue(topic, out newest))
                {
                    _missing += Math.Max(0, header.Sequence - newest - 1);
                }
                _newest[topic] = header.Sequence;
            }
        }
    }
}

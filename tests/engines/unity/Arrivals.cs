using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace Visavis.Tests
{
    /// <summary>
    /// Notes when which frame of a topic came, on a connection of its own: what was late is not the fault of who shows
    /// it.
    /// </summary>
    sealed class Arrivals : IDisposable
    {
        readonly ZmtpSocket _socket = new ZmtpSocket();
        readonly List<KeyValuePair<double, long>> _came = new List<KeyValuePair<double, long>>();
        readonly Thread _thread;

        public Arrivals(int port, string topic)
        {
            _socket.Connect("127.0.0.1", port, ZmtpSocket.Sub, 5.0);
            _socket.Subscribe(topic);
            _thread = new Thread(Run) { IsBackground = true };
            _thread.Start();
        }

        public void Dispose()
        {
            _socket.Close();
            _thread.Join();
            _socket.Dispose();
        }

        /// <summary>
        /// The newest line sample that was here at `nowS` and is not beyond `position`; -1: none. After Dispose.
        /// </summary>
        public long NewestAt(double nowS, double position)
        {
            long newest = -1;
            foreach (var frame in _came)
            {
                if (frame.Key <= nowS && frame.Value <= position) { newest = Math.Max(newest, frame.Value); }
            }
            return newest;
        }

        void Run()
        {
            var header = new WireHeader();
            byte[] part = new byte[1 << 19];
            bool more;
            try
            {
                while (true)
                {
                    _socket.Read(ref part, out more);
                    bool isOurs = header.Read(part, 0, _socket.Read(ref part, out more));
                    _socket.Skip(ref part, more);
                    if (isOurs) { _came.Add(new KeyValuePair<double, long>(Clock.NowS(), header.LineSample)); }
                }
            }
            catch (IOException) { } // closed
        }
    }
}

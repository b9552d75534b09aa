using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace Visavis.Tests
{
    /// <summary>
    /// Speaks ZMTP as a bridge does, and then sends what a test gives it: whole messages that mean nothing. It listens
    /// on the ports of requests and of motion.
    /// </summary>
    sealed class StrangeBridge : IDisposable
    {
        readonly TcpListener[] _listeners;
        readonly Action<Stream> _send;
        readonly List<TcpClient> _clients = new List<TcpClient>();

        public StrangeBridge(Action<Stream> send)
        {
            _send = send;
            _listeners = Listen();
            for (int i = 0; i < _listeners.Length; i++)
            {
                TcpListener listener = _listeners[i];
                string type = i == 0 ? "ROUTER" : "PUB";
                new Thread(() => Serve(listener, type)) { IsBackground = true }.Start();
            }
        }

        public int Port { get { return ((IPEndPoint)_listeners[0].LocalEndpoint).Port; } }

        public void Dispose()
        {
            foreach (TcpListener listener in _listeners) { listener.Stop(); }
            lock (_clients) { foreach (TcpClient client in _clients) { client.Close(); } }
        }

        /// <summary>One part of a message.</summary>
        public static void Part(Stream into, byte[] bytes, bool more, bool command)
        {
            into.WriteByte((byte)(2 | (more ? 1 : 0) | (command ? 4 : 0)));
            for (int shift = 56; shift >= 0; shift -= 8) { into.WriteByte((byte)((long)bytes.Length >> shift)); }
            into.Write(bytes, 0, bytes.Length);
        }

        /// <summary>Two free ports in a row.</summary>
        static TcpListener[] Listen()
        {
            while (true)
            {
                var first = new TcpListener(IPAddress.Loopback, 0);
                first.Start();
                var second = new TcpListener(IPAddress.Loopback, ((IPEndPoint)first.LocalEndpoint).Port + 1);
                try
                {
                    second.Start();
                    return new[] { first, second };
                }
                catch (SocketException) { first.Stop(); }
            }
        }

        void Serve(TcpListener listener, string type)
        {
            try
            {
                while (true)
                {
                    TcpClient client = listener.AcceptTcpClient();
                    lock (_clients) { _clients.Add(client); }
                    Stream stream = client.GetStream();
                    var greeting = new byte[64];
                    greeting[0] = 0xFF;
                    greeting[9] = 0x7F;
                    greeting[10] = 3;
                    Encoding.ASCII.GetBytes("NULL", 0, 4, greeting, 12);
                    stream.Write(greeting, 0, 64);
                    byte[] ready = Encoding.ASCII.GetBytes("\u0005READY\u000bSocket-Type\0\0\0" + (char)type.Length
                        + type);
                    Part(stream, ready, false, true);
                    _send(stream);
                }
            }
            catch (IOException) { } // the other side has gone
            catch (SocketException) { } // it was stopped
            catch (ObjectDisposedException) { }
        }
    }
}

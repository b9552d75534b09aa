using System;
using System.IO;
using System.Net;
using System.Net.Sockets;

namespace Visavis
{
    /// <summary>
    /// A TCP connection that never waits longer than it is told to, and that any thread may close. The socket does not
    /// block; every wait is a short one, after which Close has been noticed. Raises IOException, always.
    /// </summary>
    public sealed class TcpWire : IDisposable
    {
        const int SliceUs = 50000;
        const double WriteLimitS = 5.0;

        readonly byte[] _ahead = new byte[1 << 16];
        int _from;
        int _to;
        Socket _socket;
        volatile bool _closed;

        /// <summary>Connects within `limitS` seconds, or raises.</summary>
        public void Connect(string host, int port, double limitS)
        {
            double endS = Clock.NowS() + limitS;
            string trouble = "there is no such host";
            foreach (IPAddress address in Addresses(host, endS))
            {
                trouble = Reach(new IPEndPoint(address, port), endS);
                if (trouble.Length == 0) { return; }
            }
            throw new IOException("No bridge answers at " + host + ":" + port + " (" + trouble
                + "): start one with `visavis serve --bridge`.");
        }

        /// <summary>Fills the first `count` bytes of `into`; `limitS` is for all of them, seconds.</summary>
        public void Read(byte[] into, int count, double limitS)
        {
            double endS = Clock.NowS() + limitS;
            int at = 0;
            while (at < count)
            {
                if (_from == _to)
                {
                    // What is large goes where it belongs; what is small is read with what follows it.
                    if (count - at >= _ahead.Length)
                    {
                        at += Receive(into, at, count - at, endS);
                        continue;
                    }
                    _to = Receive(_ahead, 0, _ahead.Length, endS);
                    _from = 0;
                }
                int here = Math.Min(_to - _from, count - at);
                Buffer.BlockCopy(_ahead, _from, into, at, here);
                _from += here;
                at += here;
            }
        }

        /// <summary>Sends `count` bytes from `at` on.</summary>
        public void Write(byte[] bytes, int at, int count)
        {
            double endS = Clock.NowS() + WriteLimitS;
            while (count > 0)
            {
                Wait(_socket, SelectMode.SelectWrite, endS);
                SocketError error;
                int sent = Do(true, bytes, at, count, out error);
                if (error != SocketError.Success && error != SocketError.WouldBlock) { throw Broken(error.ToString()); }
                at += sent;
                count -= sent;
            }
        }

        /// <summary>
        /// Ends whatever any thread does here, without waiting for it. May be called again; Dispose it afterwards.
        /// </summary>
        public void Close()
        {
            _closed = true;
            Socket socket = _socket;
            if (socket == null) { return; }
            try { socket.Shutdown(SocketShutdown.Both); } // wakes who waits
            catch (SocketException) { }
            catch (ObjectDisposedException) { }
        }

        /// <summary>Gives the socket back; some runtimes wait here for threads that still use it.</summary>
        public void Dispose()
        {
            Close();
            Socket socket = _socket;
            if (socket != null) { socket.Close(); }
        }

        int Receive(byte[] into, int at, int count, double endS)
        {
            while (true)
            {
                Wait(_socket, SelectMode.SelectRead, endS);
                SocketError error;
                int received = Do(false, into, at, count, out error);
                if (error == SocketError.WouldBlock) { continue; }
                if (error != SocketError.Success || received <= 0) { throw Broken("the bridge has closed it"); }
                return received;
            }
        }

        int Do(bool send, byte[] bytes, int at, int count, out SocketError error)
        {
            try
            {
                return send
                    ? _socket.Send(bytes, at, count, SocketFlags.None, out error)
                    : _socket.Receive(bytes, at, count, SocketFlags.None, out error);
            }
            catch (ObjectDisposedException) { throw Broken("it was closed here"); }
            catch (SocketException failure) { throw Broken(failure.Message); }
        }

        void Wait(Socket socket, SelectMode mode, double endS)
        {
            while (true)
            {
                if (_closed) { throw Broken("it was closed here"); }
                try
                {
                    if (socket.Poll(SliceUs, mode)) { return; }
                }
                catch (ObjectDisposedException) { throw Broken("it was closed here"); }
                catch (SocketException failure) { throw Broken(failure.Message); }
                if (Clock.NowS() > endS) { throw Broken("the bridge is silent"); }
            }
        }

        IPAddress[] Addresses(string host, double endS)
        {
            IPAddress address;
            if (IPAddress.TryParse(host, out address)) { return new[] { address }; }
            try
            {
                IAsyncResult asked = Dns.BeginGetHostAddresses(host, null, null);
                while (!asked.AsyncWaitHandle.WaitOne(SliceUs / 1000))
                {
                    if (_closed || Clock.NowS() > endS) { return new IPAddress[0]; }
                }
                return Dns.EndGetHostAddresses(asked);
            }
            catch (SocketException) { return new IPAddress[0]; }
            catch (ArgumentException) { return new IPAddress[0]; }
        }

        /// <summary>"" when it is connected, or what went wrong.</summary>
        string Reach(IPEndPoint where, double endS)
        {
            Socket socket = null;
            string trouble = "";
            try
            {
                socket = new Socket(where.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                {
                    Blocking = false,
                    NoDelay = true,
                };
                _socket = socket;
                trouble = Await(socket, where, endS);
            }
            catch (ObjectDisposedException) { trouble = "it was closed here"; }
            catch (SocketException failure) { trouble = failure.SocketErrorCode.ToString(); }
            if (trouble.Length > 0 && socket != null) { socket.Close(); }
            return trouble;
        }

        string Await(Socket socket, IPEndPoint where, double endS)
        {
            try { socket.Connect(where); }
            catch (SocketException failure)
            {
                if (failure.SocketErrorCode != SocketError.WouldBlock
                    && failure.SocketErrorCode != SocketError.InProgress)
                {
                    throw;
                }
            }
            while (!socket.Poll(SliceUs, SelectMode.SelectWrite))
            {
                if (_closed) { return "it was closed here"; }
                if (socket.Poll(0, SelectMode.SelectError)) { break; } // where a refusal is no writable socket
                if (Clock.NowS() > endS) { return "nobody answers"; }
            }
            var code = (SocketError)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error);
            return code == SocketError.Success ? "" : code.ToString();
        }

        static IOException Broken(string why)
        {
            return new IOException("The connection to the bridge is gone: " + why + ".");
        }
    }
}

using System;
using System.IO;
using System.Text;

namespace Visavis
{
    /// <summary>
    /// ZMTP 3.0 over TCP (rfc.zeromq.org/spec/23), NULL mechanism, the side that connects: a SUB that hears topics, or
    /// a DEALER that asks. It is all of ZeroMQ that an engine needs, without a library. Raises IOException. What it
    /// does not do: no other mechanism, no reconnecting, no queues.
    /// </summary>
    public sealed class ZmtpSocket : IDisposable
    {
        /// <summary>A socket that hears topics.</summary>
        public const string Sub = "SUB";
        /// <summary>A socket that asks, and is answered.</summary>
        public const string Dealer = "DEALER";

        const int GreetingBytes = 64;
        const byte More = 1;
        const byte Long = 2;
        const byte Command = 4;
        const double ForeverS = 1e9;

        readonly TcpWire _wire = new TcpWire();
        readonly byte[] _frame = new byte[9];
        readonly byte[] _out = new byte[9];
        byte[] _command = new byte[64];

        /// <summary>Connects and shakes hands, all within `limitS` seconds.</summary>
        public void Connect(string host, int port, string type, double limitS)
        {
            double endS = Clock.NowS() + limitS;
            _wire.Connect(host, port, limitS);
            var greeting = new byte[GreetingBytes];
            greeting[0] = 0xFF;
            greeting[9] = 0x7F;
            greeting[10] = 3;
            Encoding.ASCII.GetBytes("NULL", 0, 4, greeting, 12);
            _wire.Write(greeting, 0, GreetingBytes);
            _wire.Read(greeting, GreetingBytes, endS - Clock.NowS());
            if (greeting[0] != 0xFF || (greeting[9] & 1) == 0 || greeting[10] < 3
                || Encoding.ASCII.GetString(greeting, 12, 5) != "NULL\0")
            {
                throw new IOException("At " + host + ":" + port
                    + " is something else than a bridge: see the ports in WIRE.md.");
            }
            byte[] ready = Ready(type);
            Send(ready, ready.Length, Command);
            int flags;
            int count = Frame(ref _command, out flags, endS - Clock.NowS());
            if ((flags & Command) == 0 || count < 6 || Encoding.ASCII.GetString(_command, 1, 5) != "READY")
            {
                throw new IOException("The bridge at " + host + ":" + port + " does not take a " + type + " there.");
            }
        }

        /// <summary>Of a SUB: hear all topics that begin with this.</summary>
        public void Subscribe(string prefix)
        {
            byte[] wish = Encoding.ASCII.GetBytes("\u0001" + prefix);
            Send(wish, wish.Length, 0);
        }

        /// <summary>Sends a message of two parts.</summary>
        public void Send(byte[] first, int firstCount, byte[] second, int secondCount)
        {
            Send(first, firstCount, More);
            Send(second, secondCount, 0);
        }

        /// <summary>
        /// Reads the next part into `part`, which is replaced if it is too small. Gives its bytes; `more`: the message
        /// goes on. Waits for ever, or until Close.
        /// </summary>
        public int Read(ref byte[] part, out bool more)
        {
            while (true)
            {
                int flags;
                int count = Frame(ref part, out flags, ForeverS);
                more = (flags & More) != 0;
                if ((flags & Command) == 0) { return count; }
            }
        }

        /// <summary>Reads on to the end of a message that is not wanted.</summary>
        public void Skip(ref byte[] part, bool more)
        {
            while (more) { Read(ref part, out more); }
        }

        /// <summary>Ends whatever any thread does here, without waiting; Dispose it afterwards.</summary>
        public void Close()
        {
            _wire.Close();
        }

        /// <summary>Gives the socket back.</summary>
        public void Dispose()
        {
            _wire.Dispose();
        }

        static byte[] Ready(string type)
        {
            var command = new MemoryStream();
            Put(command, 1, "READY");
            Put(command, 1, "Socket-Type");
            Put(command, 4, type);
            if (type == Dealer)
            {
                Put(command, 1, "Identity");
                Put(command, 4, "");
            }
            return command.ToArray();
        }

        static void Put(MemoryStream into, int lengthBytes, string text)
        {
            for (int i = 1; i < lengthBytes; i++) { into.WriteByte(0); }
            into.WriteByte((byte)text.Length);
            byte[] letters = Encoding.ASCII.GetBytes(text);
            into.Write(letters, 0, letters.Length);
        }

        void Send(byte[] bytes, int count, byte flags)
        {
            bool isLong = count > 255;
            _out[0] = (byte)(flags | (isLong ? Long : 0));
            int head = isLong ? 9 : 2;
            for (int i = 1; i < head; i++) { _out[i] = (byte)((long)count >> (8 * (head - 1 - i))); }
            _wire.Write(_out, 0, head);
            _wire.Write(bytes, 0, count);
        }

        int Frame(ref byte[] part, out int flags, double limitS)
        {
            _wire.Read(_frame, 1, limitS);
            flags = _frame[0];
            int lengthBytes = (flags & Long) != 0 ? 8 : 1;
            _wire.Read(_frame, lengthBytes, limitS);
            long count = 0;
            for (int i = 0; i < lengthBytes; i++) { count = count << 8 | _frame[i]; }
            if (count < 0 || count > Vocabulary.MessageBytes)
            {
                throw new IOException("The bridge has sent a part of " + count + " bytes; " + Vocabulary.MessageBytes
                    + " are allowed.");
            }
            if (part == null || part.Length < count) { part = new byte[count]; }
            _wire.Read(part, (int)count, limitS);
            return (int)count;
        }
    }
}

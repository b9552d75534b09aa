// Takes the address of a bridge, gives the avatars of its server and the characters that are open there. It asks once, on
// a thread of its own, and gives up after a few seconds: the editor never waits for it. No UnityEngine in it.
using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace Visavis.Editor
{
    /// <summary>What a bridge has to choose from. Read the lists when IsDone.</summary>
    public sealed class BridgeListing : IDisposable
    {
        const double ConnectS = 2.0;
        const int LimitMs = 5000;
        const int AvatarsRequest = 1, StateRequest = 2;

        readonly ZmtpSocket _socket = new ZmtpSocket();
        readonly Timer _limit;
        readonly string _host;
        readonly int _port;
        volatile bool _isDone, _isLate;

        /// <summary>Begins to ask; returns at once.</summary>
        public BridgeListing(string host, int port)
        {
            _host = host;
            _port = port;
            Avatars = new string[0];
            Characters = new string[0];
            Error = "";
            _limit = new Timer(state => GiveUp(), null, LimitMs, Timeout.Infinite);
            new Thread(Run) { IsBackground = true, Name = "Visavis listing" }.Start();
        }

        /// <summary>The answers are there, or Error says why not.</summary>
        public bool IsDone { get { return _isDone; } }

        /// <summary>What went wrong and what to do; "" if nothing did.</summary>
        public string Error { get; private set; }

        /// <summary>Names of the faces that the server has.</summary>
        public string[] Avatars { get; private set; }

        /// <summary>Names of the characters that are open.</summary>
        public string[] Characters { get; private set; }

        /// <summary>Stops asking.</summary>
        public void Dispose()
        {
            _limit.Dispose();
            _socket.Dispose();
        }

        void Run()
        {
            try
            {
                _socket.Connect(_host, _port, ZmtpSocket.Dealer, ConnectS);
                Ask(Kind.Avatars, AvatarsRequest);
                Ask(Kind.State, StateRequest);
                TakeAnswer();
                TakeAnswer();
            }
            catch (IOException broken)
            {
                Error = _isLate
                    ? "The bridge at " + _host + ":" + _port + " does not answer: does its server run?"
                    : broken.Message;
            }
            catch (FormatException)
            {
                Error = "The bridge answers what nobody can read: update the older side.";
            }
            Dispose();
            _isDone = true;
        }

        void GiveUp()
        {
            _isLate = true;
            _socket.Close();
        }

        void Ask(Kind kind, int number)
        {
            var header = new WireHeader { Kind = kind, Codec = Codec.Empty, Sequence = number };
            var bytes = new byte[Vocabulary.HeaderBytes];
            header.Write(bytes, 0, new byte[0]);
            _socket.Send(bytes, bytes.Length, new byte[0], 0);
        }

        void TakeAnswer()
        {
            var header = new WireHeader();
            byte[] head = null, payload = null;
            bool more;
            int headCount = _socket.Read(ref head, out more);
            int count = more ? _socket.Read(ref payload, out more) : 0;
            _socket.Skip(ref head, more);
            if (!header.Read(head, 0, headCount)) { throw new FormatException("no header"); }
            object content = JsonReader.Read(payload, count);
            if (header.Kind == Kind.Error) { Error = JsonReader.TextOf(content, "message"); }
            else if (header.Sequence == AvatarsRequest) { Avatars = NamesOf(JsonReader.Of(content, "avatars")); }
            else { Characters = NamesOf(JsonReader.Of(content, "characters")); }
        }

        /// Of a list of names, or of objects that have one.
        static string[] NamesOf(object list)
        {
            var names = new List<string>();
            foreach (object item in list as List<object> ?? new List<object>())
            {
                names.Add(item as string ?? JsonReader.TextOf(item, "name"));
            }
            return names.ToArray();
        }
    }
}

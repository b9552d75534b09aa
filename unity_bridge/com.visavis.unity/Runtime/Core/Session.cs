using System;
using System.IO;
using System.Threading;

namespace Visavis
{
    /// <summary>
    /// One connection to a bridge, from the first byte to the first trouble: three sockets, and a thread that reads
    /// each. What one of them loses ends all; whoever owns the session begins another.
    /// </summary>
    sealed class Session : IDisposable
    {
        const double ConnectS = 2.0;
        const double SilentS = 3.0; // names come every second
        const int WorkMs = 100;
        const int JoinMs = 300;
        const int StackBytes = 1 << 18;

        readonly LinkOptions _options;
        readonly LinkStatus _status;
        readonly Pictures _pictures;
        readonly ZmtpSocket _requestSocket = new ZmtpSocket();
        readonly ZmtpSocket _motionSocket = new ZmtpSocket();
        readonly ZmtpSocket _pictureSocket = new ZmtpSocket();
        readonly Requests _requests;
        readonly MotionReader _motionReader;
        readonly Thread[] _threads = new Thread[3];
        readonly AutoResetEvent _work;
        volatile string _trouble;
        volatile bool _ending;

        public Session(LinkOptions options, LinkStatus status, Follower follower, Pictures pictures, LineQueue lines,
            Wishes wishes, AutoResetEvent work)
        {
            _options = options;
            _status = status;
            _pictures = pictures;
            _work = work;
            _requests = new Requests(_requestSocket, options, status, follower, lines, wishes);
            _motionReader = new MotionReader(_motionSocket, follower, status);
        }

        /// <summary>Whether the bridge has granted the character.</summary>
        public bool WasOpen { get { return _requests.IsOpen; } }

        /// <summary>Connects and carries requests until something breaks, which it raises as IOException.</summary>
        public void Run()
        {
            // The character's frames first: nothing of it is missed.
            Connect(_motionSocket, 1, ZmtpSocket.Sub);
            Read(0, "motion", _motionReader.Run);
            if (_options.Textures)
            {
                Connect(_pictureSocket, 2, ZmtpSocket.Sub);
                Read(1, "pictures", new PictureReader(_pictureSocket, _pictures, _status).Run);
            }
            Connect(_requestSocket, 0, ZmtpSocket.Dealer);
            Read(2, "answers", _requests.Read);
            while (!_ending)
            {
                string trouble = _trouble;
                if (trouble != null) { throw new IOException(trouble); }
                if (_requests.IsOpen && Clock.NowS() - _status.HeardS > SilentS)
                {
                    throw new IOException("The bridge says nothing any more: is it stopped?");
                }
                _requests.Write();
                _work.WaitOne(WorkMs);
            }
            _requests.WriteEnd();
        }

        /// <summary>Lets it send what is due, and end; from any thread, without waiting.</summary>
        public void End()
        {
            if (!_requests.IsAsked) { Close(); } // it may be waiting for a bridge
            _ending = true;
            _work.Set();
        }

        /// <summary>Ends it at once, from any thread, without waiting.</summary>
        public void Close()
        {
            _ending = true;
            _requestSocket.Close();
            _motionSocket.Close();
            _pictureSocket.Close();
        }

        /// <summary>Ends it, waits a moment for the threads, which are ending, and gives the sockets back.</summary>
        public void Dispose()
        {
            Close();
            foreach (Thread thread in _threads)
            {
                if (thread != null) { thread.Join(JoinMs); }
            }
            _requestSocket.Dispose();
            _motionSocket.Dispose();
            _pictureSocket.Dispose();
        }

        void Connect(ZmtpSocket socket, int portAbove, string type)
        {
            socket.Connect(_options.Host, _options.Port + portAbove, type, ConnectS);
            if (type == ZmtpSocket.Sub) { socket.Subscribe(_options.Character + "/"); }
        }

        void Read(int place, string what, Action read)
        {
            var thread = new Thread(() => Guard(read), StackBytes) { IsBackground = true, Name = "Visavis " + what };
            _threads[place] = thread;
            thread.Start();
        }

        void Guard(Action read)
        {
            try { read(); }
            catch (IOException broken)
            {
                _trouble = broken.Message;
                _work.Set();
            }
        }
    }
}

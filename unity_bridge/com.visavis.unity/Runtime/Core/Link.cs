using System;
using System.IO;
using System.Threading;

namespace Visavis
{
    /// <summary>
    /// A character at a bridge, kept alive: connects, opens it, connects again whatever happens (after 0.25 s, 0.5 s,
    /// then every second) until Close. All waiting is done by threads of its own; nothing here makes its caller wait
    /// but Close, and that less than a second. The face of a draw is in Faces and Pictures. What it does not do: no
    /// sound, no engine.
    /// </summary>
    public sealed class Link : IDisposable
    {
        const int EndMs = 200;
        const int JoinMs = 600;
        static readonly int[] AgainMs = { 250, 500, 1000 };

        readonly LinkOptions _options;
        readonly LineQueue _lines = new LineQueue();
        readonly AutoResetEvent _work = new AutoResetEvent(false);
        readonly ManualResetEvent _ended = new ManualResetEvent(false);
        readonly object _gate = new object();
        readonly Thread _thread;
        Session _session;
        bool _closed;

        /// <summary>Takes where, whom and what is wished of the face; nothing happens before Start.</summary>
        public Link(LinkOptions options, Wishes wishes)
        {
            Check(options);
            _options = options;
            Status = new LinkStatus();
            Faces = new Follower();
            Pictures = new Pictures(options.TextureFps, Faces);
            Wishes = wishes;
            _thread = new Thread(Run) { IsBackground = true, Name = "Visavis" };
        }

        /// <summary>How it stands.</summary>
        public LinkStatus Status { get; private set; }

        /// <summary>The face of a draw.</summary>
        public Follower Faces { get; private set; }

        /// <summary>The picture of a draw.</summary>
        public Pictures Pictures { get; private set; }

        /// <summary>Gaze, distance and emotion.</summary>
        public Wishes Wishes { get; private set; }

        /// <summary>Begins, and returns at once.</summary>
        public void Start()
        {
            _thread.Start();
        }

        /// <summary>
        /// Lets the face say a whole line: int16 mono, little-endian. It waits for its turn; what cannot be said is
        /// interrupted, with a reason. Raises ArgumentException.
        /// </summary>
        public Line Say(byte[] pcm, int rateHz)
        {
            var line = new Line(rateHz, Changed);
            line.Add(pcm); // raises before the line is one of ours
            line.End();
            Take(line);
            return line;
        }

        /// <summary>
        /// A line whose sound comes piece by piece: Add to it, then End it. Raises ArgumentException.
        /// </summary>
        public Line BeginLine(int rateHz)
        {
            var line = new Line(rateHz, Changed);
            Take(line);
            return line;
        }

        /// <summary>Ends all lines, said or waiting; the mouth shuts.</summary>
        public void Interrupt()
        {
            _lines.InterruptAll("");
            _lines.WantInterrupt();
            Changed();
        }

        /// <summary>
        /// Ends it all, and what is being said at the bridge; waits less than a second for the threads. May be called
        /// again.
        /// </summary>
        public void Close()
        {
            _lines.InterruptAll("");
            Session session;
            lock (_gate)
            {
                _closed = true;
                session = _session;
            }
            _ended.Set();
            _work.Set();
            if (session != null) { session.End(); }
            if (!_thread.IsAlive || _thread.Join(EndMs)) { return; }
            if (session != null) { session.Close(); }
            _thread.Join(JoinMs);
        }

        /// <summary>As Close.</summary>
        public void Dispose()
        {
            Close();
        }

        void Take(Line line)
        {
            if (Status.State == LinkState.Lost)
            {
                line.Interrupt(Status.LastError);
                return;
            }
            _lines.Add(line);
            Changed();
        }

        /// <summary>Something is to be sent.</summary>
        void Changed()
        {
            _work.Set();
        }

        void Run()
        {
            int failures = 0;
            while (true)
            {
                Session session;
                lock (_gate)
                {
                    if (_closed) { break; }
                    session = _session = new Session(_options, Status, Faces, Pictures, _lines, Wishes, _work);
                }
                string trouble = "The link was closed.";
                try { session.Run(); }
                catch (IOException broken) { trouble = broken.Message; }
                session.Dispose();
                if (Status.Lose(trouble)) { Faces.Lost(Clock.NowS()); }
                _lines.InterruptAll(trouble);
                if (session.WasOpen) { failures = 0; }
                if (_ended.WaitOne(AgainMs[Math.Min(failures++, AgainMs.Length - 1)])) { break; }
            }
        }

        static void Check(LinkOptions options)
        {
            string name = options.Character ?? "";
            bool fits = name.Length >= 1 && name.Length <= 32;
            foreach (char letter in name)
            {
                fits &= (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
                    || (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
            }
            if (!fits)
            {
                throw new ArgumentException("The character's name is '" + name
                    + "': take 1 to 32 letters (a-z, A-Z), digits, '-' or '_'.", "options");
            }
            if (options.Port < 1 || options.Port > 65533)
            {
                throw new ArgumentException("The port is " + options.Port + ": take 1 to 65533; the bridge's is 8611.",
                    "options");
            }
        }
    }
}

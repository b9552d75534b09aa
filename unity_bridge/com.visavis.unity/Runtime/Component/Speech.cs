using System;
using System.Collections.Generic;
using UnityEngine;

namespace Visavis
{
    /// <summary>
    /// The sound of the lines, one after the other, and their play position, which is the clock of the face. A sound
    /// starts when the first 50 ms of its motion (and its first picture) are here: from then on frames come at the pace
    /// of the sound. Main thread only.
    /// </summary>
    sealed class Speech
    {
        const double LeadS = 0.05;
        const double StepMostS = 0.03; // a sound card tells its position in steps of its buffer
        const double StartLimitS = 0.4; // after LINE_STARTED a sound does not wait longer for its frames

        readonly Queue<Spoken> _waiting = new Queue<Spoken>();
        readonly Link _link;
        readonly AudioSource _audio;
        readonly bool _textures;
        Spoken _current;
        int _toldAt;
        double _toldS;

        public Speech(Link link, AudioSource audio, bool textures)
        {
            _link = link;
            _audio = audio;
            _textures = textures;
        }

        /// <summary>Its sound has started.</summary>
        public event Action<Line> LineStarted;

        /// <summary>Its sound has ended.</summary>
        public event Action<Line> LineFinished;

        /// <summary>It was cut short, or refused.</summary>
        public event Action<Line> LineInterrupted;

        /// <summary>The line whose sound plays; 0: none.</summary>
        public int Line { get; private set; }

        /// <summary>Play position of that sound, 16 kHz samples.</summary>
        public double Position { get; private set; }

        /// <summary>`isOwn`: the clip is destroyed when the line is over.</summary>
        public void Add(Line line, AudioClip clip, bool isOwn)
        {
            _waiting.Enqueue(new Spoken { Line = line, Clip = clip, RateHz = clip.frequency, IsOwn = isOwn });
        }

        /// <summary>Once a frame.</summary>
        public void Update(double nowS)
        {
            if (_current != null) { Follow(); }
            while (_current == null && _waiting.Count > 0)
            {
                Line next = _waiting.Peek().Line;
                if (next.State == LineState.Interrupted) { End(_waiting.Dequeue()); }
                else if (IsDue(next, nowS)) { Begin(_waiting.Dequeue()); }
                else { break; }
            }
            Line = _current != null && !_current.IsSilent ? _current.Line.Number : 0;
            if (Line != 0) { Position = Vocabulary.SampleRateHz * PlayedS(nowS); }
        }

        /// <summary>Stops the sound at once, and ends all lines; the link has been told to.</summary>
        public void Interrupt()
        {
            Line = 0;
            int count = _waiting.Count; // whoever hears of it may say something new, or interrupt again
            if (_current != null) { Cut(); }
            for (int i = 0; i < count && _waiting.Count > 0; i++) { End(_waiting.Dequeue()); }
        }

        /// <summary>What was told, and the time since then, for as long as one step may take.</summary>
        double PlayedS(double nowS)
        {
            int at = _audio.timeSamples;
            if (at != _toldAt)
            {
                _toldAt = at;
                _toldS = nowS;
            }
            double sinceS = at > 0 ? Math.Min(nowS - _toldS, StepMostS) : 0.0; // it may not have begun to sound
            return (double)at / _current.RateHz + sinceS;
        }

        bool IsDue(Line line, double nowS)
        {
            LineState state = line.State;
            if (state == LineState.Waiting) { return false; }
            if (state == LineState.Finished || nowS - line.StartedS > StartLimitS) { return true; }
            return _link.Faces.Newest(line.Number) >= LeadS * Vocabulary.SampleRateHz
                && (!_textures || _link.Pictures.Has(line.Number));
        }

        void Begin(Spoken spoken)
        {
            _current = spoken;
            _toldAt = 0;
            spoken.IsSilent = _audio == null || spoken.Clip == null;
            if (!spoken.IsSilent)
            {
                _audio.clip = spoken.Clip;
                _audio.loop = false;
                _audio.timeSamples = 0;
                _audio.Play();
            }
            if (LineStarted != null) { LineStarted(spoken.Line); }
        }

        void Follow()
        {
            if (_current.Line.State == LineState.Interrupted)
            {
                Cut();
                return;
            }
            // A sound that is paused stands in its middle; one that has ended, or was stopped, is back at its begin.
            bool plays = HasSound(_current) && (_audio.isPlaying || _audio.timeSamples > 0);
            if (!plays && !_current.IsSilent)
            {
                _current.IsSilent = true;
                _link.Faces.Forget(_current.Line.Number);
            }
            if (_current.IsSilent && _current.Line.IsOver) { End(_current); }
        }

        /// <summary>Both are still there, whatever the game has destroyed, and belong together.</summary>
        bool HasSound(Spoken spoken)
        {
            return _audio != null && spoken.Clip != null && _audio.clip == spoken.Clip;
        }

        void Cut()
        {
            if (HasSound(_current)) { _audio.Stop(); }
            _link.Faces.Forget(_current.Line.Number);
            End(_current);
        }

        void End(Spoken spoken)
        {
            if (_current == spoken) { _current = null; }
            if (spoken.IsOwn)
            {
                if (HasSound(spoken)) { _audio.clip = null; }
                UnityEngine.Object.Destroy(spoken.Clip);
            }
            Action<Line> told = spoken.Line.State == LineState.Finished ? LineFinished : LineInterrupted;
            if (told != null) { told(spoken.Line); }
        }

        sealed class Spoken
        {
            public Line Line;
            public AudioClip Clip;
            public int RateHz;
            public bool IsOwn;
            public bool IsSilent;
        }
    }
}

// Sound without a sound card: an AudioSource whose position is that of a stopwatch, told in steps of a buffer.
using System;
using System.Diagnostics;

namespace UnityEngine
{
    public sealed class AudioClip : Object
    {
        float[] _data;
        int _samples, _channels, _frequency;

        public int samples { get { MainThread.Check(); return _samples; } }
        public int channels { get { MainThread.Check(); return _channels; } }
        public int frequency { get { MainThread.Check(); return _frequency; } }

        public static AudioClip Create(string name, int lengthSamples, int channels, int frequency, bool stream)
        {
            MainThread.Check();
            return new AudioClip
            {
                name = name, _samples = lengthSamples, _channels = channels, _frequency = frequency,
                _data = new float[lengthSamples * channels],
            };
        }

        public bool SetData(float[] data, int offset)
        {
            MainThread.Check();
            Array.Copy(data, 0, _data, offset * channels, data.Length);
            return true;
        }

        public bool GetData(float[] data, int offset)
        {
            MainThread.Check();
            Array.Copy(_data, offset * channels, data, 0, data.Length);
            return true;
        }
    }

    public sealed class AudioSource : Behaviour
    {
        const double BufferS = 1024.0 / 48000.0;

        readonly Stopwatch _watch = new Stopwatch();
        AudioClip _clip;
        int _from;
        bool _plays;
        bool _loop;

        public AudioClip clip
        {
            get { CheckAlive(); return _clip; }
            set { CheckAlive(); Stop(); _clip = value; }
        }

        public bool loop
        {
            get { CheckAlive(); return _loop; }
            set { CheckAlive(); _loop = value; }
        }

        public bool isPlaying { get { Move(); return _plays; } }

        public int timeSamples
        {
            get { return Move(); }
            set { CheckAlive(); _from = value; _watch.Reset(); }
        }

        public void Play()
        {
            CheckAlive();
            _plays = true;
            _watch.Restart();
        }

        public void Pause()
        {
            _from = Move();
            _plays = false;
            _watch.Reset();
        }

        public void UnPause() { Play(); }

        public void Stop()
        {
            CheckAlive();
            _plays = false;
            _from = 0;
            _watch.Reset();
        }

        /// <summary>Where it really is, seconds.</summary>
        public double TrueS { get { return (double)_from / _clip.frequency + _watch.Elapsed.TotalSeconds; } }

        /// <summary>Where it is, samples; at its end it is back at its begin, as in Unity.</summary>
        int Move()
        {
            CheckAlive();
            if (!_plays) { return _from; }
            double playedS = Math.Floor(_watch.Elapsed.TotalSeconds / BufferS) * BufferS;
            var at = _from + (int)(playedS * _clip.frequency);
            if (at < _clip.samples) { return at; }
            Stop();
            return 0;
        }
    }
}

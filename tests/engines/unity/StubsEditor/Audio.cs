// Sound without a sound card: an AudioSource whose position is that of a stopwatch, and clips that the player of a sample
// has put into Resources.
using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace UnityEngine
{
    public static class Resources
    {
        public static readonly Dictionary<string, Object> Files = new Dictionary<string, Object>();
        public static T Load<T>(string path) where T : Object { return (T)Files[path]; }
    }

    public sealed class AudioClip : Object
    {
        float[] _data;

        public int samples { get { return _data.Length; } }
        public int channels { get { return 1; } }
        public int frequency { get; private set; }

        public static AudioClip Create(string name, int lengthSamples, int channels, int frequency, bool stream)
        {
            return new AudioClip { name = name, frequency = frequency, _data = new float[lengthSamples] };
        }

        public bool GetData(float[] data, int offsetSamples)
        {
            Array.Copy(_data, offsetSamples, data, 0, data.Length);
            return true;
        }

        public bool SetData(float[] data, int offsetSamples)
        {
            Array.Copy(data, 0, _data, offsetSamples, data.Length);
            return true;
        }
    }

    public sealed class AudioSource : Behaviour
    {
        /// Not null: the position stands where the player of a sample puts it.
        public static int? ByHand;

        readonly Stopwatch _watch = new Stopwatch();

        public AudioClip clip { get; set; }
        public bool loop { get; set; }
        public bool isPlaying { get { return _watch.IsRunning && Position() < clip.samples; } }

        public int timeSamples
        {
            get { return isPlaying ? Position() : 0; }
            set { }
        }

        public void Play() { _watch.Restart(); }

        public void Stop() { _watch.Reset(); }

        int Position() { return ByHand ?? (int)(_watch.Elapsed.TotalSeconds * clip.frequency); }
    }
}

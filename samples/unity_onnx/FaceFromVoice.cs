// NOT RUN IN UNITY: a sketch, run with stand-ins of Unity's classes that play the network's real answers.
// Takes the clip of an AudioSource, runs the speech network in Unity's Inference Engine and moves the blend shapes of a
// face by the sound's position. The clip is known before it is heard, so that the look-ahead costs nothing.
// Clip: 16 kHz, mono, Decompress On Load (README.md). Older package "Sentis 2.1": the namespace is Unity.Sentis.
using System;
using Unity.InferenceEngine;
using UnityEngine;

namespace Visavis.Samples
{
    [AddComponentMenu("Visavis/Samples/Face From Voice")]
    public sealed class FaceFromVoice : MonoBehaviour
    {
        const int Features = 4, Balanced = 1, AnsweredLate = 6; // frames a call; the look-ahead used; its delay in frames
        const int Phones = 40, Kept = 16, TailSamples = 3200, SilentCalls = 25;
        const float RestSeconds = 0.12f;

        public ModelAsset network; // speech_engine.onnx
        public AudioSource voice;
        public SkinnedMeshRenderer face;
        public float maxWeight = 100f; // 1 for some importers of glTF

        readonly SpeechFeatures _features = new SpeechFeatures();
        readonly ArticulationCurves _articulation = new ArticulationCurves();
        readonly float[] _frames = new float[Features * SpeechFeatures.Bands];
        readonly float[][] _made = new float[Kept][];
        readonly int[] _shapes = new int[ArticulationCurves.Shapes];
        Worker _worker;
        Tensor<float> _input;
        Tensor _entry, _context;
        AudioClip _clip;
        float[] _samples = new float[0];
        int _at, _answers, _count;
        float _open;

        void OnEnable()
        {
            for (int i = 0; i < Kept; i++)
                _made[i] = new float[ArticulationCurves.Shapes];
            for (int i = 0; i < _shapes.Length; i++)
                _shapes[i] = Find(Vocabulary.Aliases[i]);
            _worker = new Worker(ModelLoader.Load(network), BackendType.CPU);
            _input = new Tensor<float>(new TensorShape(1, Features, SpeechFeatures.Bands));
        }

        void OnDisable()
        {
            _worker.Dispose();
            _input.Dispose();
            Forget();
            _clip = null;
        }

        // After the Animator, which would overwrite the weights.
        void LateUpdate()
        {
            if (voice.isPlaying && voice.clip != _clip)
                Begin(voice.clip);
            if (_clip == null)
                return;
            _open = voice.isPlaying ? 1f : Mathf.Max(0f, _open - Time.deltaTime / RestSeconds);
            int frame = voice.isPlaying ? voice.timeSamples / SpeechFeatures.HopSamples : _count - 1;
            if (frame < _count - Kept)
                Begin(_clip); // it plays again
            while (_count <= frame && RunNetwork()) { }
            float[] curves = _made[Math.Max(0, Math.Min(frame, _count - 1)) % Kept];
            for (int i = 0; i < _shapes.Length; i++)
                if (_shapes[i] >= 0)
                    face.SetBlendShapeWeight(_shapes[i], curves[i] * _open * maxWeight);
        }

        void Begin(AudioClip clip)
        {
            if (clip.frequency != SpeechFeatures.RateHz || clip.channels != 1)
                throw new ArgumentException(clip.name + " is not 16 kHz mono; set both in its import settings.");
            var read = new float[clip.samples];
            clip.GetData(read, 0);
            _samples = new float[clip.samples + TailSamples]; // silence brings out the last frames
            Array.Copy(read, _samples, read.Length);
            _clip = clip;
            _at = _answers = _count = 0;
            _features.Reset();
            _articulation.Reset();
            Forget();
            _entry = new Tensor<float>(new TensorShape(1, 2, 128)); // zeros: a voice that begins
            _context = new Tensor<float>(new TensorShape(1, 60, 152));
            for (int i = 0; i < _frames.Length; i++)
                _frames[i] = SpeechFeatures.Silence;
            for (int call = 0; call < SilentCalls; call++)
                Hear(); // to a network that remembers nothing the first hiss is as new as a voice
        }

        /// 40 ms of voice; false when all of it was heard.
        bool RunNetwork()
        {
            for (int i = 0; i < Features; i++)
            {
                if (!_features.Step(_samples, ref _at, _samples.Length))
                    return false;
                Array.Copy(_features.Frame, 0, _frames, i * SpeechFeatures.Bands, SpeechFeatures.Bands);
            }
            Hear();
            float[] phones = Answer("phones"), channels = Answer("channels"), closures = Answer("closures");
            for (int i = 0; i < Features; i++, _answers++)
            {
                int row = Balanced * Features + i;
                if (_answers < AnsweredLate) // about the time before the voice
                    continue;
                if (_articulation.Step(phones[row * Phones], channels, row * ArticulationCurves.Channels, closures, row * 2))
                    Keep();
            }
            return true;
        }

        /// One call of the network, which remembers it.
        void Hear()
        {
            _input.Upload(_frames);
            _worker.SetInput("features", _input);
            _worker.SetInput("entry_context", _entry);
            _worker.SetInput("context", _context);
            _worker.Schedule();
            _worker.CopyOutput("entry_context_next", ref _entry);
            _worker.CopyOutput("context_next", ref _context);
        }

        void Keep()
        {
            float[] curves = _made[_count % Kept];
            Array.Copy(_articulation.Curves, curves, curves.Length);
            LipClosures.Enforce(curves, _articulation.Shut, _articulation.Touch); // last of all: put your own gains before
            _count++;
        }

        float[] Answer(string name)
        {
            return ((Tensor<float>)_worker.PeekOutput(name)).DownloadToArray();
        }

        int Find(string[] names)
        {
            foreach (string name in names)
            {
                int index = face.sharedMesh.GetBlendShapeIndex(name);
                if (index >= 0)
                    return index;
            }
            return -1;
        }

        void Forget()
        {
            if (_entry != null)
                _entry.Dispose();
            if (_context != null)
                _context.Dispose();
            _entry = _context = null;
        }
    }
}
